// Functions between times, text and the zones of the world, computed in JavaScript.
//
// A TIMESTAMP is an instant. Its local time in a zone is a TIMESTAMP too, of what the clock on a wall shows there.

import { TIMESTAMP, VARCHAR } from '../../data/type.ts';
import { parseTimePattern, TimePatternError } from '../../plan/time-pattern.ts';
import { timeZoneProblem } from '../../plan/time-zone.ts';
import { chapter, host } from './define.ts';
import type { ConstantCheck, ScalarFunction } from './function.ts';

const define = chapter('time');

export const timeTextFunctions: readonly ScalarFunction[] = [
  define(
    {
      name: 'strptime',
      summary:
        'The time that a text is in a format; letters are those of strftime, %z is an offset, %Z a zone. An error where it does not fit.',
      example: ["strptime('29/Feb/2024:10:00:01 +0100', '%d/%b/%Y:%H:%M:%S %z')", '2024-02-29 09:00:01'],
    },
    host([VARCHAR, VARCHAR], TIMESTAMP, { fails: true, check: checkPattern }),
  ),
  define(
    {
      name: 'try_strptime',
      summary: 'As strptime; NULL where the text does not fit.',
      example: ["try_strptime('29.02.2023', '%d.%m.%Y')", null],
    },
    host([VARCHAR, VARCHAR], TIMESTAMP, { nulls: 'may-be-null', fails: true, check: checkPattern }),
  ),
  define(
    {
      name: 'to_char',
      summary:
        "A time as text by PostgreSQL's patterns: YYYY YY MM Mon Month DD DDD Dy Day HH24 HH12 MI SS MS US AM Q WW IW IYYY J, FM before a part without padding, TH behind a number, text in double quotes.",
      example: ["to_char(TIMESTAMP '2024-02-29 14:05:06', 'Dy, DD Mon YYYY HH24:MI:SS')", 'Thu, 29 Feb 2024 14:05:06'],
    },
    host([TIMESTAMP, VARCHAR], VARCHAR, { fails: true }),
  ),
  define(
    {
      name: 'age',
      summary: 'The years, months, days and hours from the second time to the first, as text; first - second is exact.',
      example: ["age(TIMESTAMP '2001-04-10', TIMESTAMP '1957-06-13')", '43 years 9 months 27 days'],
    },
    host([TIMESTAMP, TIMESTAMP], VARCHAR, { fails: true }),
  ),
  define(
    {
      name: 'timezone',
      summary: 'The local time of a zone at an instant; t AT TIME ZONE zone is the same.',
      example: ["timezone('Europe/Berlin', TIMESTAMP '2024-07-01 12:00:00')", '2024-07-01 14:00:00'],
    },
    host([VARCHAR, TIMESTAMP], TIMESTAMP, { fails: true, check: checkZone(0) }),
  ),
  define(
    {
      name: 'from_utc_timestamp',
      summary: 'The local time of a zone at an instant.',
      example: ["from_utc_timestamp(TIMESTAMP '2024-01-01 12:00:00', 'Asia/Kolkata')", '2024-01-01 17:30:00'],
    },
    host([TIMESTAMP, VARCHAR], TIMESTAMP, { fails: true, check: checkZone(1) }),
  ),
  define(
    {
      name: 'to_utc_timestamp',
      summary:
        'The instant at which a zone has a local time: of a time that comes twice the later, of one that is skipped so much later as is skipped.',
      example: ["to_utc_timestamp(TIMESTAMP '2024-07-01 14:00:00', 'Europe/Berlin')", '2024-07-01 12:00:00'],
    },
    host([TIMESTAMP, VARCHAR], TIMESTAMP, { fails: true, check: checkZone(1) }),
  ),
];

function checkZone(argument: number): ConstantCheck {
  return (constants) => {
    const zone = constants[argument];
    const problem = typeof zone === 'string' ? timeZoneProblem(zone) : null;
    const hint = "zones are named as in 'Europe/Berlin', 'UTC' or '+02:00'";
    return problem === null ? null : { argument, problem, hint };
  };
}

function checkPattern([, pattern]: Parameters<ConstantCheck>[0]): ReturnType<ConstantCheck> {
  if (typeof pattern !== 'string') return null;
  try {
    parseTimePattern(pattern);
    return null;
  } catch (error) {
    if (!(error instanceof TimePatternError)) throw error;
    return {
      argument: 1,
      problem: error.message,
      hint: "a format is such as '%Y-%m-%d %H:%M:%S'; %% is a percent sign",
    };
  }
}
