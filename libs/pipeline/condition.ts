import type { AttributeValue } from '#contracts';
import { isTextList, unwrapped } from './custom-value';

/**
 * A value as the texts that a rule may name: one for a plain value, several for a list, none for null, media
 * and text by locale.
 */
export function conditionTexts(value: AttributeValue): readonly string[] {
  const plain = unwrapped(value);
  if (plain === null) return [];
  if (typeof plain === 'object') return isTextList(plain) ? plain : [];
  return [String(plain)];
}
