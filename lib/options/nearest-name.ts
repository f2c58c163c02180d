/**
 * Returns the known name that is closest to a mistyped one, or undefined if none is close.
 *
 * Case and separators are ignored. Otherwise, one edit per three letters is allowed, three at most. Without such a name,
 * a typed beginning of three letters or more stands for the only name that begins with it.
 *
 * @internal
 */
export function nearestName(typed: string, known: Iterable<string>): string | undefined {
  const wanted = bare(typed);
  let nearest: string | undefined;
  let best = Math.min(3, Math.max(1, Math.floor(wanted.length / 3))) + 1;
  for (const name of known) {
    const candidate = bare(name);
    if (Math.abs(candidate.length - wanted.length) >= best) continue;
    const distance = slips(wanted, candidate);
    if (distance < best) [nearest, best] = [name, distance];
  }
  return nearest ?? onlyNameFrom(wanted, known);
}

function onlyNameFrom(beginning: string, known: Iterable<string>): string | undefined {
  if (beginning.length < 3) return undefined;
  // One option can have several spellings.
  const found = new Map<string, string>();
  for (const name of known)
    if (bare(name).startsWith(beginning) && !found.has(bare(name))) found.set(bare(name), name);
  return found.size === 1 ? [...found.values()][0] : undefined;
}

function bare(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** The number of letters to insert, delete, replace or swap with their neighbour to turn one word into the other. */
function slips(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped =
        row > 1 &&
        column > 1 &&
        from[row - 1] === to[column - 2] &&
        from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (same ? 0 : 1),
          swapped ? at(row - 2, column - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(from.length, to.length);
}
