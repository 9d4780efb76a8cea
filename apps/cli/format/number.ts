const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 1904 → `1,904`. */
export function formatNumber(value: number): string {
  return whole.format(value);
}

/** `1 product`, `3,000 products`. `plural` is needed where adding an s is wrong. */
export function formatCount(value: number, noun: string, plural = `${noun}s`): string {
  return `${formatNumber(value)} ${value === 1 ? noun : plural}`;
}
