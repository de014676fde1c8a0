/** A table as lines: each column as wide as its widest cell, two blanks between; a column whose name ends in `>` stands to the right. */
export function tableLines(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const names = columns.map(name => name.replace(/>$/, ''))
  const widths = names.map((name, at) => Math.max(name.length, ...rows.map(row => row[at].length)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (columns[at].endsWith('>') ? cell.padStart(widths[at]) : cell.padEnd(widths[at])))
      .join('  ')
      .trimEnd()
  return [names, ...rows].map(line)
}
