/** Text from hosts as PostgreSQL can keep it: U+0000 is the one character that its text types refuse. */
export const databaseText = (text: string): string => text.replaceAll('\0', '\uFFFD')
