/** A sorted copy: words by the language's own order (with numbers in them by value), nulls last whatever the direction. */
export function sortedBy<T>(rows: readonly T[], by: (row: T) => string | number | null, descending: boolean, locale: string): T[] {
  const collator = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  const direction = descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [x, y] = [by(a), by(b)];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return direction * (typeof x === 'number' && typeof y === 'number' ? x - y : collator.compare(String(x), String(y)));
  });
}
