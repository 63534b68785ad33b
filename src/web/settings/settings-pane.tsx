export function SettingsPane() {
  return <main class="pane settings" />;
}
