/**
 * Text from hosts as PostgreSQL can keep it: U+0000 is the one character that its text types refuse, and half a surrogate
 * pair has no form in UTF-8, so that what is read back would never equal what was written.
 */
export const databaseText = (text: string): string => text.replace(/\0|\p{Surrogate}/gu, '\uFFFD')
