/** The visible difference of two report texts, word by word. Pure. */
export interface DiffPart {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

const tokens = (text: string): string[] => text.match(/\s+|[^\s]+/g) ?? [];

/** Longest common subsequence over words; report sections have some hundred of them. */
export function wordDiff(before: string, after: string): DiffPart[] {
  const [old, now] = [tokens(before), tokens(after)];
  const lengths = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      const row = lengths[i];
      if (row) row[j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const parts: DiffPart[] = [];
  const push = (kind: DiffPart['kind'], text: string) => {
    const last = parts.at(-1);
    if (last?.kind === kind) last.text += text;
    else parts.push({ kind, text });
  };
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    const [one, other] = [old[i], now[j]];
    if (one !== undefined && one === other) {
      push('same', one);
      i += 1;
      j += 1;
    } else if (one !== undefined && (other === undefined || at(i + 1, j) >= at(i, j + 1))) {
      push('removed', one);
      i += 1;
    } else {
      push('added', other ?? '');
      j += 1;
    }
  }
  return parts;
}
