// From what a person draws or opens to what the model sees, as `datasets/drawing.py` and `datasets/prepare/images.py`
// do it. A picture is {width, height, channels, values}, bytes row by row; drawn and opened ones come as a canvas
// gives them: {width, height, data}, four bytes a pixel.
import { resample, roundEven } from "./resample.js";

// What is drawn is cut out, its longer side scaled to the box, its mass put in the middle; null where nothing is.
export function drawnPixels(sheet, { height, width, box, dark_on_light: isDark }) {
  const ink = cutOut(inkOf(sheet));
  if (ink === null) return null;
  const scale = (box * Math.min(height, width)) / Math.max(ink.width, ink.height);
  const side = (length, most) => Math.min(Math.max(1, roundEven(length * scale)), most);
  const small = resample(ink, { width: side(ink.width, width), height: side(ink.height, height) }, "area");
  const top = startOf(small, height, "height");
  const left = startOf(small, width, "width");
  const values = new Uint8Array(width * height);
  for (let y = 0; y < small.height; y++)
    values.set(small.values.subarray(y * small.width, (y + 1) * small.width), (top + y) * width + left);
  return { width, height, channels: 1, values: isDark ? values.map((value) => 255 - value) : values };
}

function inkOf({ width, height, data }) {
  const values = new Uint8Array(width * height);
  let ground = 255;
  for (let place = 0; place < values.length; place++) {
    values[place] = Math.min(data[4 * place], data[4 * place + 1], data[4 * place + 2]);
    ground = Math.min(ground, values[place]);
  }
  const range = Math.max(1, 255 - ground);
  return { width, height, channels: 1, values: values.map((value) => Math.floor(((value - ground) * 255) / range)) };
}

function cutOut({ width, height, values }) {
  let [top, bottom, left, right] = [height, -1, width, -1];
  values.forEach((value, place) => {
    if (!value) return;
    const [x, y] = [place % width, Math.floor(place / width)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
  });
  if (bottom < 0) return null;
  const cut = new Uint8Array((right - left + 1) * (bottom - top + 1));
  for (let y = top; y <= bottom; y++)
    cut.set(values.subarray(y * width + left, y * width + right + 1), (y - top) * (right - left + 1));
  return { width: right - left + 1, height: bottom - top + 1, channels: 1, values: cut };
}

// Where a small picture starts along an axis, for its mass to be in the middle.
function startOf(small, side, axis) {
  const length = small[axis];
  const weights = new Array(length).fill(0);
  small.values.forEach((value, place) => {
    weights[axis === "height" ? Math.floor(place / small.width) : place % small.width] += value;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const moment = weights.reduce((sum, weight, place) => sum + weight * (place + 0.5), 0);
  const middle = total ? moment / total : length / 2;
  return Math.min(Math.max(roundEven(side / 2 - middle), 0), side - length);
}

// A picture in colours; what is transparent lies on white.
export function onWhite({ width, height, data }) {
  const values = new Uint8Array(width * height * 3);
  for (let place = 0; place < width * height; place++) {
    const alpha = data[4 * place + 3];
    for (let channel = 0; channel < 3; channel++) {
      const mixed = (data[4 * place + channel] * alpha + 255 * (255 - alpha)) * 128 + 16384;
      values[3 * place + channel] = (((mixed >> 8) + mixed) >> 8) >> 7;
    }
  }
  return { width, height, channels: 3, values };
}

// What the model sees of a picture, by the steps of its plan.
export function prepared(image, steps) {
  return steps.reduce((made, step) => (step.does === "resize" ? resized(made, step) : withChannels(made, step.count)), image);
}

function withChannels(image, count) {
  if (image.channels === count) return image;
  const values = new Uint8Array(image.width * image.height * count);
  for (let place = 0; place < image.width * image.height; place++) {
    if (count === 3) values.fill(image.values[image.channels * place], 3 * place, 3 * place + 3);
    else {
      const [red, green, blue] = image.values.subarray(3 * place, 3 * place + 3);
      values[place] = (red * 19595 + green * 38470 + blue * 7471 + 32768) >> 16;
    }
  }
  return { ...image, channels: count, values };
}

function resized(image, { width, height, filter, fit }) {
  if (fit === "crop") return resample(image, { width, height }, filter, middleOf(image, width / height));
  if (fit === "pad") return bordered(image, { width, height }, filter);
  return resample(image, { width, height }, filter);
}

// The largest box of a ratio in the middle of a picture.
function middleOf({ width, height }, ratio) {
  let [wide, high] = [width, height];
  if (width / height > ratio) wide = ratio * height;
  else if (width / height < ratio) high = width / ratio;
  const [left, top] = [(width - wide) * 0.5, (height - high) * 0.5];
  return [left, top, left + wide, top + high];
}

function bordered(image, size, filter) {
  const [own, wanted] = [image.width / image.height, size.width / size.height];
  const inner = { ...size };
  if (own > wanted) inner.height = roundEven((image.height / image.width) * size.width);
  else if (own < wanted) inner.width = roundEven((image.width / image.height) * size.height);
  const values = new Uint8Array(size.width * size.height * image.channels);
  const made = { ...size, channels: image.channels, values };
  if (!inner.width || !inner.height) return made;
  const small = resample(image, inner, filter);
  const left = roundEven((size.width - small.width) * 0.5);
  const top = roundEven((size.height - small.height) * 0.5);
  for (let y = 0; y < small.height; y++) {
    const row = small.values.subarray(y * small.width * small.channels, (y + 1) * small.width * small.channels);
    values.set(row, ((top + y) * size.width + left) * image.channels);
  }
  return made;
}
