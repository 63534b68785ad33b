export function DetailsPane({ id }: { id: string }) {
  return <aside class="pane details">{id}</aside>;
}
