/** A load as a short name: `0.9×`, or `none`. */
export function nameLoad(load: number): string {
  return load === 0 ? 'none' : `${Number(load.toPrecision(3))}×`;
}

/** A load within a sentence. */
export function describeLoad(load: number): string {
  return load === 0 ? 'without compute load' : `at compute load ${nameLoad(load)}`;
}
