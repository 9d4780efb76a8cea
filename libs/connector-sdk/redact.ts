/** Keeps secrets out of messages, logs and stored raw answers. */

/** Replaces what is secret in a text. */
export type Redactor = (text: string) => string;

const REPLACEMENT = '[redacted]';

/** Shorter strings would blot out ordinary words. */
const SHORTEST_SECRET = 4;

/** What is secret whatever its value: bearer tokens, credential fields in JSON, user and password in a URL. */
const SECRET_PATTERNS: readonly [RegExp, string][] = [
  [/\bBearer\s+[\w.~+/=-]+/gi, `Bearer ${REPLACEMENT}`],
  [
    /("(?:api_key|api_password|password|secret|access_token|refresh_token)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi,
    `$1"${REPLACEMENT}"`,
  ],
  [/(:\/\/)[^\s/@]+@/g, `$1${REPLACEMENT}@`],
];

/** A redactor that knows these secrets verbatim and the common shapes of credentials. */
export function createRedactor(secrets: readonly string[] = []): Redactor {
  const verbatim = [...new Set(secrets)]
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    const withoutVerbatim = verbatim.reduce((rest, secret) => rest.split(secret).join(REPLACEMENT), text);
    return SECRET_PATTERNS.reduce((rest, [pattern, by]) => rest.replace(pattern, by), withoutVerbatim);
  };
}

/** The beginning of a text, at most `length` characters, marked where it was cut. */
export function excerpt(text: string, length = 200): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}
