/**
 * Date-times as Django reads them: first Python's `datetime.fromisoformat` (3.11: ISO 8601 with week dates, basic forms and
 * any separator), then Django's own pattern, which is laxer about digits.
 */
const DATE = /^(\d{4})(?:-(\d\d)-(\d\d)|(\d\d)(\d\d)|-W(\d\d)(?:-(\d))?|W(\d\d)(\d)?)/;
const TIME =
  /^(\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d+))?)?|(\d\d)(?:(\d\d)(?:[.,](\d+))?)?)?(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?$/;
const DJANGO =
  /^(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,6})\d{0,6})?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/;

interface Parts {
  readonly days: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
  /** Seconds east of UTC; a time without offset is UTC here. */
  readonly offset: number;
}

export type DateTimeReading =
  | { readonly kind: 'time'; readonly text: string }
  | { readonly kind: 'invalid' }
  /** Before year 1 or after 9999 once it is in UTC. */
  | { readonly kind: 'out-of-range' };

const INVALID: DateTimeReading = { kind: 'invalid' };

/** Reads a date-time and prints it as Waldur does: UTC, with `Z`, the fraction only when it is not zero. */
export function readDateTime(value: unknown): DateTimeReading {
  if (typeof value !== 'string') return INVALID;
  const parts = fromIsoFormat(value) ?? fromDjangoPattern(value);
  if (parts === undefined || parts.hour > 23 || parts.minute > 59 || parts.second > 59) return INVALID;
  const seconds = parts.days * 86_400 + parts.hour * 3_600 + parts.minute * 60 + parts.second - parts.offset;
  const date = new Date(seconds * 1000);
  const year = date.getUTCFullYear();
  if (year < 1 || year > 9999) return { kind: 'out-of-range' };
  const whole = date.toISOString().slice(0, 19);
  return {
    kind: 'time',
    text: parts.micros === 0 ? `${whole}Z` : `${whole}.${String(parts.micros).padStart(6, '0')}Z`,
  };
}

function fromIsoFormat(text: string): Parts | undefined {
  const date = DATE.exec(text);
  if (date === null) return undefined;
  const days = daysOf(date);
  if (days === undefined) return undefined;
  const rest = text.slice(date[0].length);
  if (rest === '') return { days, hour: 0, minute: 0, second: 0, micros: 0, offset: 0 };
  // Any single character may stand between date and time.
  const [separator = ''] = rest;
  const time = TIME.exec(rest.slice(separator.length));
  if (time === null) return undefined;
  const [, hour, minute, second, fraction, basicMinute, basicSecond, basicFraction, zone] = time;
  return {
    days,
    hour: Number(hour),
    minute: Number(minute ?? basicMinute ?? 0),
    second: Number(second ?? basicSecond ?? 0),
    micros: microsOf(fraction ?? basicFraction),
    ...offsetOf(zone),
  };
}

function fromDjangoPattern(text: string): Parts | undefined {
  const found = DJANGO.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = found;
  const days = calendarDays(Number(year), Number(month), Number(day));
  if (days === undefined) return undefined;
  return {
    days,
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second ?? 0),
    micros: microsOf(fraction),
    ...offsetOf(zone),
  };
}

function daysOf([, year, month, day, basicMonth, basicDay, week, weekDay, basicWeek, basicWeekDay]: RegExpExecArray) {
  const weekNumber = week ?? basicWeek;
  if (weekNumber === undefined) return calendarDays(Number(year), Number(month ?? basicMonth), Number(day ?? basicDay));
  return weekDays(Number(year), Number(weekNumber), Number(weekDay ?? basicWeekDay ?? 1));
}

/** Days since 1970-01-01; undefined for a date that the calendar does not have. */
function calendarDays(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const same = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return year >= 1 && same ? Math.round(date.getTime() / 86_400_000) : undefined;
}

/** Week 1 is the one with the 4th of January; weeks begin on Mondays. */
function weekDays(year: number, week: number, day: number): number | undefined {
  const fourth = calendarDays(year, 1, 4);
  if (fourth === undefined || week < 1 || week > 53 || day < 1 || day > 7) return undefined;
  // 1970-01-01 was a Thursday.
  const monday = fourth - ((((fourth + 3) % 7) + 7) % 7);
  const found = monday + (week - 1) * 7 + (day - 1);
  const nextFourth = calendarDays(year + 1, 1, 4) ?? Number.POSITIVE_INFINITY;
  const nextMonday = nextFourth - ((((nextFourth + 3) % 7) + 7) % 7);
  return week === 53 && monday + 52 * 7 >= nextMonday ? undefined : found;
}

const microsOf = (fraction: string | undefined): number => Number((fraction ?? '').slice(0, 6).padEnd(6, '0'));

function offsetOf(zone: string | undefined): { offset: number } {
  if (zone === undefined || zone === 'Z') return { offset: 0 };
  const digits = zone.slice(1).replaceAll(':', '');
  const seconds =
    Number(digits.slice(0, 2)) * 3_600 + Number(digits.slice(2, 4) || 0) * 60 + Number(digits.slice(4, 6) || 0);
  return { offset: zone.startsWith('-') ? -seconds : seconds };
}
