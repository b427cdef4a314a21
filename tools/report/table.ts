/** Text tables. */
import { oneLine } from "../../components/builds/programs/text.ts";

/** Aligns columns: `numbers` of them, from `first` on, to the right. */
export function aligned(rows: readonly (readonly string[])[], first = 0, numbers = 0): string[] {
  const lines = rows.map((row) => row.map(oneLine));
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...lines.map((row) => row[column]?.length ?? 0)),
  );
  return lines.map((row) =>
    row
      .map((text, column) => {
        const isNumber = column >= first && column < first + numbers;
        return isNumber ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0);
      })
      .join("  ")
      .trimEnd()
      .replace(/^/, "  "),
  );
}
