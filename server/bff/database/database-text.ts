/** Half a pair, or of a whole one either half. */
const MAY_BE_ODD = /[\0\ud800-\udfff]/

/**
 * Text from hosts as PostgreSQL can keep it: U+0000 is the one character that its text types refuse, and half a surrogate
 * pair has no form in UTF-8, so that what is read back would never equal what was written.
 */
export const databaseText = (text: string): string =>
  // Nearly all text is kept as it is, and looking costs little of what replacing does.
  MAY_BE_ODD.test(text) ? text.replace(/\0|\p{Surrogate}/gu, '\uFFFD') : text
