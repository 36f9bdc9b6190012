import { InvalidArgumentError } from 'commander';

/** An option's parser: a number within a range, or commander's own complaint. */
export function toNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!(value >= min && value <= max)) {
      throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** An option's parser: a whole number within a range, or commander's own complaint. */
export function toInteger(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = toNumber(min, max)(text);
    if (!Number.isInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
    return value;
  };
}

/** An option's parser: numbers with commas between, ascending and each once. */
export function toAscendingList(
  toItem: (text: string) => number,
): (text: string) => readonly number[] {
  return (text) => [...new Set(text.split(',').map(toItem))].sort((a, b) => a - b);
}
