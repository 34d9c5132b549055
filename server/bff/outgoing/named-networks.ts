import { BlockList, isIP, type LookupFunction } from 'node:net'

export const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

export const blockList = (networks: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    if (prefix === undefined) list.addAddress(address, familyOf(address))
    else list.addSubnet(address, Number(prefix), familyOf(address))
  }
  return list
}

export interface Found {
  readonly address: string
  readonly family: number
}

export const resolve = (lookup: LookupFunction, name: string, signal: AbortSignal): Promise<Found[]> =>
  isIP(name) === 0
    ? new Promise((done, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        lookup(name, { all: true }, (error, found, family) => {
          if (error !== null) reject(error)
          else done(Array.isArray(found) ? found : [{ address: found, family: family ?? isIP(found) }])
        })
      })
    : Promise.resolve([{ address: name, family: isIP(name) }])

/** Gives what was checked already, so that a resolver that changes its answer changes nothing. */
export const pinned =
  (found: readonly Found[]): LookupFunction =>
  (_name, { all }, done) => {
    const [first] = found
    if (all === true) done(null, [...found])
    else done(null, first?.address ?? '', first?.family)
  }

/** The filtering agent's own words; it gives its errors no code. */
export const isFiltered = (error: unknown) => error instanceof Error && /is not allowed\. Because/.test(error.message)
