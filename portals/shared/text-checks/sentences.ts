/** Cut a report text into sentences, keeping where each begins, so that a warning can point at it. */
export interface Sentence {
  text: string;
  start: number;
}

/** Abbreviations and decimals keep their dots: `approx. 2.5 cm` is one sentence. */
const END = /(?<!\b(?:approx|ca|vs|[rl]t|e\.g|i\.e|Dr|No|Fig|resp))(?<!\d)[.!?](?=\s|$)|(?<=\d)[.](?=\s+[A-Z])|\n+|;/g;

export function sentencesOf(text: string): Sentence[] {
  const sentences: Sentence[] = [];
  let start = 0;
  const push = (end: number) => {
    const raw = text.slice(start, end);
    const trimmed = raw.trim();
    if (trimmed) sentences.push({ text: trimmed, start: start + raw.indexOf(trimmed) });
    start = end;
  };
  for (const end of text.matchAll(END)) push(end.index + end[0].length);
  push(text.length);
  return sentences;
}
