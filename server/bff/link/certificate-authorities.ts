import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import {
  authorityFile,
  type CertificateAuthority,
  FIRST_AUTHORITY,
  loadCertificateAuthority,
  openCertificateAuthority,
} from './certificate-authority.ts'

/**
 * The authorities of a data directory, which several backends may share. Mostly there is one. While a second takes its
 * place both are trusted, and agents are shown a certificate of the older, which all of them know.
 */
export interface CertificateAuthorities {
  /** Oldest first. */
  trusted(): readonly CertificateAuthority[]
  /** Whose certificate the server shows, and whose pin join tokens carry. */
  shown(): CertificateAuthority
  newest(): CertificateAuthority
  /**
   * Makes one more. @throws DomainError `authority_change_refused` while there are two
   */
  make(now: Date): Promise<CertificateAuthority>
  /**
   * Ends the older of two, and its key with it. @throws DomainError `authority_not_found`, `authority_change_refused`
   */
  retire(fingerprint: string): Promise<void>
  /** Looks at the directory again, which another backend may have changed. */
  reload(): Promise<void>
}

const NUMBERED = /^certificate-authority(?:-([2-9]|[1-9]\d{1,5}))?\.pem$/

const numbersIn = async (dataDirectory: string): Promise<number[]> =>
  (await readdir(dataDirectory))
    .flatMap((name) => {
      const found = NUMBERED.exec(name)
      return found === null ? [] : [Number(found[1] ?? FIRST_AUTHORITY)]
    })
    .sort((left, right) => left - right)

export const openCertificateAuthorities = async (dataDirectory: string, now: Date): Promise<CertificateAuthorities> => {
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 })
  if ((await numbersIn(dataDirectory)).length === 0) await openCertificateAuthority(dataDirectory, now)
  let known = new Map<number, CertificateAuthority>()
  const reload = async (): Promise<void> => {
    const next = new Map<number, CertificateAuthority>()
    for (const number of await numbersIn(dataDirectory)) {
      // One that goes meanwhile must not be made anew, so it is only loaded.
      const authority = known.get(number) ?? (await loadCertificateAuthority(dataDirectory, number))
      if (authority !== undefined) next.set(number, authority)
    }
    if (next.size === 0) throw new Error(`${dataDirectory} holds no certificate authority any more`)
    known = next
  }
  await reload()

  const trusted = () => [...known.values()]
  const at = (index: number): CertificateAuthority => {
    const authority = trusted().at(index)
    if (authority === undefined) throw new Error(`${dataDirectory} holds no certificate authority`)
    return authority
  }
  return {
    trusted,
    shown: () => at(0),
    newest: () => at(-1),
    async make(at) {
      await reload()
      if (known.size > 1) {
        throw new DomainError(
          'authority_change_refused',
          'A new authority is taking the place of the old one already: retire the old one first.',
        )
      }
      await openCertificateAuthority(dataDirectory, at, Math.max(...known.keys()) + 1)
      await reload()
      return trusted().at(-1) as CertificateAuthority
    },
    async retire(fingerprint) {
      await reload()
      const [number, oldest] = [...known][0] ?? []
      if (!trusted().some((one) => one.fingerprint === fingerprint)) {
        throw new DomainError(
          'authority_not_found',
          'There is no such authority here: it was retired already, or never was.',
        )
      }
      if (number === undefined || known.size < 2 || oldest?.fingerprint !== fingerprint) {
        throw new DomainError(
          'authority_change_refused',
          'The newest authority cannot be retired: agents would have none. Make a new one first.',
        )
      }
      await rm(join(dataDirectory, authorityFile(number)))
      const directory = await open(dataDirectory, 'r')
      await directory.sync().finally(() => directory.close())
      await reload()
    },
    reload,
  }
}
