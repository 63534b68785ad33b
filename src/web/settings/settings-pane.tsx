import { goUp } from "../navigation.ts";
import { useText } from "../texts/text.ts";
import { IconButton } from "../ui/button.tsx";
import { AccountSection } from "./account-section.tsx";
import { BlockedSection } from "./blocked-section.tsx";
import { DevicesSection } from "./devices-section.tsx";
import { LeaveSection } from "./leave-section.tsx";
import { LookSection } from "./look-section.tsx";
import { PrivacySection } from "./privacy-section.tsx";
import { ProfileSection } from "./profile-section.tsx";
import { SessionsSection } from "./sessions-section.tsx";

export function SettingsPane() {
  const say = useText();
  return (
    <main class="pane settings">
      <header class="pane-head">
        <IconButton icon="back" label={say("common.back")} onClick={goUp} />
        <h1>{say("settings.title")}</h1>
      </header>
      <div class="settings-body">
        <ProfileSection />
        <AccountSection />
        <PrivacySection />
        <LookSection />
        <SessionsSection />
        <DevicesSection />
        <BlockedSection />
        <LeaveSection />
      </div>
    </main>
  );
}
