// Instants as a person in a time zone reads them.

const MONTHS_WITHOUT_YEAR = 6;

/** The numbers (year … second) that a clock on the wall of a zone shows at an instant. */
function wallClock(date, tz) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: tz,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return Object.fromEntries(format.formatToParts(date).map(({ type, value }) => [type, Number(value)]));
}

const two = (number) => String(number).padStart(2, "0");

/** `16:05` */
export function timeOf(instant, tz) {
  const { hour, minute } = wallClock(new Date(instant), tz);
  return `${two(hour)}:${two(minute)}`;
}

/** `2025-09-15`, the day of an instant in a zone. */
export function dayOf(instant, tz) {
  const { year, month, day } = wallClock(new Date(instant), tz);
  return `${year}-${two(month)}-${two(day)}`;
}

/** `Mon 15 Sep 2025` */
export function shortDay(instant, tz) {
  const part = (options) =>
    new Intl.DateTimeFormat("en-US", { timeZone: tz, ...options }).format(new Date(instant));
  const { day, year } = wallClock(new Date(instant), tz);
  return `${part({ weekday: "short" })} ${day} ${part({ month: "short" })} ${year}`;
}

/** `Today`, `Yesterday` or `Monday 15 September 2025`: the line between two days of a conversation. */
export function dayHeading(instant, tz, now) {
  const word = dayWord(instant, tz, now);
  if (word === "today" || word === "yesterday") return word[0].toUpperCase() + word.slice(1);
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: tz,
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
  }).format(new Date(instant));
}

function dayWord(instant, tz, now) {
  const number = (moment) => Date.parse(dayOf(moment, tz)) / 86_400_000;
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[number(instant) - number(now)];
}

/** `2025-09-15T16:00` for a datetime-local field, from UNIX seconds. */
export function unixToLocal(seconds, tz) {
  const { year, month, day, hour, minute } = wallClock(new Date(seconds * 1000), tz);
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

/** UNIX seconds of a wall-clock time in a zone; a time skipped by a clock change lands beside the gap. */
export function localToUnix(local, tz) {
  const wanted = Date.parse(`${local}Z`);
  let guess = wanted;
  for (let round = 0; round < 2; round += 1) {
    guess += wanted - Date.parse(`${unixToLocal(guess / 1000, tz)}Z`);
  }
  return guess / 1000;
}

/** Fills the tokens of Slack's `<!date^seconds^tokens|…>` for a reader in `tz` at `now` (ISO). */
export function slackDate(seconds, tokens, tz, now) {
  const instant = new Date(seconds * 1000);
  return tokens.replace(/\{(\w+)\}/g, (typed, token) => dateToken(token, instant, tz, now) ?? typed);
}

function dateToken(token, instant, tz, now) {
  if (token.endsWith("_pretty")) {
    return dayWord(instant, tz, now) ?? dateToken(token.slice(0, -"_pretty".length), instant, tz, now);
  }
  const { year, month, day, second } = wallClock(instant, tz);
  const named = (options) => new Intl.DateTimeFormat("en-US", { timeZone: tz, ...options }).format(instant);
  const withYear = (text) => (monthsApart(instant, now) < MONTHS_WITHOUT_YEAR ? text : `${text}, ${year}`);
  const makers = {
    date_num: () => `${year}-${two(month)}-${two(day)}`,
    date_slash: () => `${two(month)}/${two(day)}/${year}`,
    date: () => withYear(`${named({ month: "long" })} ${ordinal(day)}`),
    date_short: () => withYear(named({ month: "short", day: "numeric" })),
    date_long: () => withYear(`${named({ weekday: "long" })}, ${named({ month: "long" })} ${ordinal(day)}`),
    date_long_full: () =>
      `${named({ weekday: "long" })}, ${named({ month: "long" })} ${ordinal(day)}, ${year}`,
    day_divider: () => `${named({ weekday: "long" })}, ${named({ month: "long" })} ${ordinal(day)}`,
    time: () => timeOf(instant, tz),
    time_secs: () => `${timeOf(instant, tz)}:${two(second)}`,
    ago: () => ago(instant, new Date(now)),
  };
  return Object.hasOwn(makers, token) ? makers[token]() : null;
}

function monthsApart(instant, now) {
  return Math.abs(instant - new Date(now)) / (30.44 * 86_400_000);
}

function ordinal(day) {
  const ending =
    day % 100 >= 11 && day % 100 <= 13 ? "th" : ({ 1: "st", 2: "nd", 3: "rd" }[day % 10] ?? "th");
  return `${day}${ending}`;
}

function ago(instant, now) {
  const minutes = Math.round((instant - now) / 60_000);
  const [amount, unit] =
    Math.abs(minutes) < 60
      ? [minutes, "minute"]
      : Math.abs(minutes) < 48 * 60
        ? [Math.round(minutes / 60), "hour"]
        : [Math.round(minutes / 1440), "day"];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(amount, unit);
}
