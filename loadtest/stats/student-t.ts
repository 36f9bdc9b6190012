const t975 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
const z = 1.959964;

/**
 * Student's t at 97.5 % for a whole number of degrees of freedom, at least 1: from the table up to ten, then by two terms
 * of Cornish and Fisher's expansion (Abramowitz and Stegun, 26.7.5), within 0.1 %.
 */
export function studentT975(degrees: number): number {
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  return t975[degrees - 1] ?? z + first / degrees + second / degrees ** 2;
}
