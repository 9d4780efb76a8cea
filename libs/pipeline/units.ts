/** Units whose conversion only moves the decimal point, so that it is exact. Power of ten of the base unit. */
const UNITS: Readonly<Record<string, { dimension: string; power: number }>> = {
  mg: { dimension: 'mass', power: -3 },
  g: { dimension: 'mass', power: 0 },
  kg: { dimension: 'mass', power: 3 },
  t: { dimension: 'mass', power: 6 },
  mm: { dimension: 'length', power: -3 },
  cm: { dimension: 'length', power: -2 },
  m: { dimension: 'length', power: 0 },
  ml: { dimension: 'volume', power: -3 },
  cl: { dimension: 'volume', power: -2 },
  l: { dimension: 'volume', power: 0 },
};

export const UNIT_NAMES: readonly string[] = Object.keys(UNITS);

export function isUnit(name: string): boolean {
  return Object.hasOwn(UNITS, name);
}

/** By how many places the point moves from one unit to the other; null when they measure different things. */
export function unitShift(from: string, to: string): number | null {
  const [source, target] = [UNITS[from], UNITS[to]];
  if (source === undefined || target === undefined || source.dimension !== target.dimension) return null;
  return source.power - target.power;
}
