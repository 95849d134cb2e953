/** A plain table for people: columns as wide as their widest cell, two spaces apart, one line a row. */
export function formatColumns(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = names.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return [names, ...rows].map((row) => `${line(row).trimEnd()}\n`).join('');
}
