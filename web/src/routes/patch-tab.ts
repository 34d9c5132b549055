export const PATCH_TABS = ['overview', 'functions', 'hosts', 'forecast'] as const
export type PatchTab = (typeof PATCH_TABS)[number]
