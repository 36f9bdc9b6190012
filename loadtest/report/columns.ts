/** A column of a terminal table. */
export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Lines of aligned columns, two spaces apart, with the titles first. A row that is empty becomes an empty line. */
export function renderColumns(columns: readonly Column[], rows: readonly string[][]): string[] {
  const table = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, index) =>
    Math.max(...table.map((row) => (row[index] ?? '').length)),
  );
  return table.map((row) =>
    columns
      .map(({ align }, index) => {
        const cell = row[index] ?? '';
        const width = widths[index] ?? 0;
        return align === 'left' ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
