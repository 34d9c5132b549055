import type { Place } from './place.ts'

/** What the server is told at each start; `postgresql.conf` stays as initdb made it. */
export function serverSettings(place: Place): Record<string, string> {
  return {
    // The unix socket is the only door, and its folder lets in nobody but the server's user and root.
    listen_addresses: '',
    unix_socket_directories: place.sockets,
    unix_socket_permissions: '0700',
    port: '5432',
    cluster_name: 'rebootless',
    // Modest: the machine is there for other work.
    shared_buffers: '64MB',
    max_connections: '40',
    // Compiling a query takes longer than any query of ours.
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    // The log must not repeat what was stored (threat-model T31): no statements, no "Key (name)=(…) already exists".
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  }
}
