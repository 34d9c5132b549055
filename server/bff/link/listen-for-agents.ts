import type { AddressInfo, Server } from 'node:net'
import { SettingsError } from '../settings.ts'

/** The kernel drops what is beyond, and who was dropped dials again seconds later; net.core.somaxconn may be less. */
const BACKLOG = 4096

/**
 * Resolves with the port that the server listens on; 0 takes a free one.
 * @throws SettingsError when the address cannot be had, with what to do
 */
export const listenForAgents = (server: Server, { host, port }: { host: string; port: number }): Promise<number> =>
  new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => {
      const reasons: Record<string, string> = {
        EADDRINUSE: `Port ${port} of ${host} is taken: end the program that holds it, or set AGENT_PORT to another.`,
        EACCES: `This user may not listen on ${host}:${port}: set AGENT_PORT to 1024 or more.`,
        EADDRNOTAVAIL: `AGENT_HOST=${host} is no address of this machine: set one that it has.`,
        ENOTFOUND: `AGENT_HOST=${host} is not known: set an address of this machine.`,
      }
      const reason = reasons[error.code ?? ''] ?? `Cannot listen for agents on ${host}:${port}: ${error.message}`
      reject(new SettingsError(reason))
    }
    server.once('error', refuse)
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', refuse)
      resolve((server.address() as AddressInfo).port)
    })
  })
