export const HOST_TABS = ['patches', 'transition', 'functions', 'provider', 'exposure', 'commands', 'raw'] as const
export type HostTab = (typeof HOST_TABS)[number]
