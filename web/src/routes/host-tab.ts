export const HOST_TABS = ['patches', 'transition', 'functions', 'provider', 'commands', 'raw'] as const
export type HostTab = (typeof HOST_TABS)[number]
