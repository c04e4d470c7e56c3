/** Output for people on a terminal, and nothing superfluous in a pipe. */

/** Prints rows under headings, in columns on a terminal and tab-separated in a pipe. */
export function printTable(headings: readonly string[], rows: readonly (readonly string[])[]): void {
  if (!process.stdout.isTTY) {
    for (const row of rows) process.stdout.write(`${row.join('\t')}\n`);
    return;
  }
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of [headings, ...rows]) {
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
}

/** Texts that others wrote may have lines and control characters; a terminal gets neither. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
}

/** The same, with its lines. */
export function plainLines(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '');
}

/** A line that shows how far a long command is; silent when nobody is watching. */
export function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** Ends the line of `showProgress`. */
export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}

/** @returns how long something took, and how many of them that is a second: `2.0 s (1500 a second)` */
export function withRate(count: number, seconds: number): string {
  return `${seconds.toFixed(1)} s (${Math.round(count / Math.max(seconds, 0.001))} a second)`;
}
