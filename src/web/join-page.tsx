export function JoinPage({ id }: { id: string; token: string | undefined }) {
  return <main class="page">{id}</main>;
}
