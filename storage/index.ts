export { DiskShadowStore } from './disk-shadow-store.ts'
export { MemoryShadowStore, type MemoryShadowStoreInit } from './memory-shadow-store.ts'
export type { ShadowEntry, ShadowStore, StoreUsage } from './shadow-store.ts'
