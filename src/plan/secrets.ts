// Passwords in the options of a connector: they are used, and never shown or kept.

import type { OptionScalar } from './option-spec.ts';

/** What stands for a password. */
const HIDDEN = '***';

/** Options as they may be shown: URLs without the password of the user, or of a parameter. */
export function withoutSecrets(options: Readonly<Record<string, OptionScalar>>): Record<string, OptionScalar> {
  const pairs = Object.entries(options).map(([name, value]) => [name, typeof value === 'string' ? hide(value) : value]);
  return Object.fromEntries(pairs) as Record<string, OptionScalar>;
}

/** A password ends at the last @ there is: it may have one in it, or anything else. */
function hide(text: string): string {
  return text
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^:/?#@]*):.*@/is, `$1:${HIDDEN}@`)
    .replace(/([?&](?:\w*password|\w*secret|\w*token)=)[^&#]*/gi, `$1${HIDDEN}`);
}
