/** An exception for a CVE that no feed tells of is taken, since a feed may yet tell of it; a slip of the keyboard looks the same. */
export const cveUnknownWarning = (cveId: string): string =>
  `No feed knows ${cveId}: see that it is written right. The exception accepts nothing until a feed tells of it.`
