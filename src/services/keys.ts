/** Where the bytes lie: what a client may write, what nobody writes, what everybody may read. */
export const keys = {
  staging: (id: string) => `staging/${id}`,
  private: (id: string) => `media/${id}`,
  public: (id: string) => `public/${id}`,
};

/** Where everybody finds an avatar: at the store's own public address, or by way of this server. */
export function avatarUrl(id: string, { store, server }: { store: string | undefined; server: string }): string {
  return store === undefined
    ? new URL(`/avatars/${id}`, server).href
    : `${store.replace(/\/$/, "")}/${keys.public(id)}`;
}
