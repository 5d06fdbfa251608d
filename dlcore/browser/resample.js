// Resizing of pictures with the very numbers of Pillow 13, by which the server prepares them: the weights of each pixel
// are rounded to whole numbers of 22 bits, and after the first of two passes the values to whole ones. Columns go first
// where the height shrinks by more than twice as many pixels as the width; boxes are float32.
const BITS = 22;

const sinc = (x) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));
const FILTERS = {
  area: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: cubic },
  lanczos3: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function cubic(x) {
  const a = -0.5;
  x = Math.abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

// Rounds a half to the even number, as Python does.
export function roundEven(value) {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}

// image: {width, height, channels, values: bytes row by row}. size: {width, height}. box: [left, top, right, bottom]
// of what is resized, by default all.
export function resample(image, size, name, box = [0, 0, image.width, image.height]) {
  box = box.map(Math.fround);
  const whole = box[0] === 0 && box[1] === 0 && box[2] === image.width && box[3] === image.height;
  if (whole && size.width === image.width && size.height === image.height) return image;
  if (name === "nearest") return pickNearest(image, size, box);
  const across = weightsOf(image.width, box[0], box[2], size.width, FILTERS[name]);
  const down = weightsOf(image.height, box[1], box[3], size.height, FILTERS[name]);
  const shrinks = image.height - size.height;
  const downFirst = shrinks > 0 && shrinks > 2 * (image.width - size.width);
  return downFirst ? resampleRows(resampleColumns(image, down), across) : resampleColumns(resampleRows(image, across), down);
}

function resampleRows({ width, height, channels, values }, weights) {
  const made = { width: weights.length, height, channels, values: new Uint8Array(weights.length * height * channels) };
  each(made, (x, y, channel) => mix(weights[x], (place) => values[(y * width + place) * channels + channel]));
  return made;
}

function resampleColumns({ width, channels, values }, weights) {
  const made = { width, height: weights.length, channels, values: new Uint8Array(width * weights.length * channels) };
  each(made, (x, y, channel) => mix(weights[y], (place) => values[(place * width + x) * channels + channel]));
  return made;
}

function each(image, value) {
  let place = 0;
  for (let y = 0; y < image.height; y++)
    for (let x = 0; x < image.width; x++)
      for (let channel = 0; channel < image.channels; channel++) image.values[place++] = value(x, y, channel);
}

function mix({ start, weights }, at) {
  let sum = 2 ** (BITS - 1);
  for (let place = 0; place < weights.length; place++) sum += at(start + place) * weights[place];
  return Math.min(255, Math.max(0, Math.floor(sum / 2 ** BITS)));
}

function weightsOf(length, from, to, count, filter) {
  const scale = Math.fround(to - from) / count;
  const wide = Math.max(1, scale);
  const support = filter.support * wide;
  return Array.from({ length: count }, (_, place) => {
    const center = from + (place + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const stop = Math.min(length, Math.trunc(center + support + 0.5));
    const weights = [];
    for (let at = start; at < stop; at++) weights.push(filter.weight((at - center + 0.5) / wide));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const round = (weight) => Math.trunc(weight * 2 ** BITS + (weight < 0 ? -0.5 : 0.5));
    return { start, weights: weights.map((weight) => round(sum ? weight / sum : weight)) };
  });
}

function pickNearest(image, size, box) {
  const places = (from, to, count, length) => {
    const step = (to - from) / count;
    let at = from + step * 0.5;
    return Array.from({ length: count }, () => {
      const place = Math.min(length - 1, Math.floor(at));
      at += step;
      return place;
    });
  };
  const across = places(box[0], box[2], size.width, image.width);
  const down = places(box[1], box[3], size.height, image.height);
  const { width, channels } = image;
  const made = { ...size, channels, values: new Uint8Array(size.width * size.height * channels) };
  each(made, (x, y, channel) => image.values[(down[y] * width + across[x]) * channels + channel]);
  return made;
}
