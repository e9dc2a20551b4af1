// Time zones by name, as Intl knows them: IANA's names in any case, and offsets such as +02:00.

import { nearestName } from '../base/names.ts';

/** What is wrong with the name of a zone, or null. */
export function timeZoneProblem(name: string): string | null {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return null;
  } catch {
    const nearest = nearestName(name, Intl.supportedValuesOf('timeZone'));
    return `there is no time zone '${name}'${nearest === undefined ? '' : `; did you mean '${nearest}'?`}`;
  }
}
