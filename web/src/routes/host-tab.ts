export const HOST_TABS = ['patches', 'transition', 'functions', 'raw'] as const
export type HostTab = (typeof HOST_TABS)[number]
