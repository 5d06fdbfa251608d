// What belongs to the document as a whole and Streamlit leaves as it is: its language.
const YEAR = 365 * 24 * 3600; // s

export default function ({ data }) {
  document.documentElement.lang = data.language;
  if (data.cookie) document.cookie = `${data.cookie}; path=/; max-age=${YEAR}; samesite=lax`;
}
