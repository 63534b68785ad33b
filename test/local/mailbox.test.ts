import { randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, type MockInstance, test, vi } from "vitest";
import { type Mail, type Mailbox, startMailbox } from "../../src/local/mailbox.ts";

let mailbox: Mailbox;
beforeAll(async () => {
  mailbox = await startMailbox({ port: 0, smtpPort: 0 });
});
afterAll(() => mailbox.close());

// Each mail is said on the console.
let written: MockInstance<typeof process.stdout.write>;
beforeEach(() => {
  written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
});
afterEach(() => written.mockRestore());

const stranger = () => `${randomUUID()}@example.com`;

/** One mail in the words of SMTP; each line waits for the server's last one of the answer. */
async function send(recipients: string[], message: string): Promise<void> {
  const socket: Socket = connect(mailbox.smtpPort, "127.0.0.1");
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  const said = async () => {
    for (;;) {
      const line = String((await answers.next()).value);
      if (line[3] === " ") return line;
    }
  };
  const lines = ["EHLO test", "MAIL FROM:<a@example.com>", ...recipients.map((to) => `RCPT TO:<${to}>`), "DATA"];
  await said();
  for (const line of [...lines, `${message}\r\n.`, "QUIT"]) {
    socket.write(`${line}\r\n`);
    expect(await said()).toMatch(/^[23]/);
  }
  socket.destroy();
}

const mailsTo = async (to: string): Promise<Mail[]> =>
  (await fetch(`${mailbox.url}/api/mails?to=${encodeURIComponent(to)}`)).json() as Promise<Mail[]>;

describe("the mailbox", () => {
  test("shows a mail with its subject and text decoded, newest last", async () => {
    const to = stranger();
    await send([to], "Subject: =?utf-8?B?w7xiZXI=?=\r\n\r\nfirst");
    await send([to], "Subject: second\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C3=A4");
    const mails = await mailsTo(to.toUpperCase());
    expect(mails.map(({ subject, text }) => [subject, text.trim()])).toEqual([
      ["über", "first"],
      ["second", "ä"],
    ]);
    expect(mails[0]).toMatchObject({ to, received_at: expect.stringMatching(/Z$/) });
  });

  test("keeps a mail once for each recipient", async () => {
    const [a, b] = [stranger(), stranger()];
    await send([a, b], "Subject: both\r\n\r\nx");
    expect([(await mailsTo(a)).length, (await mailsTo(b)).length]).toEqual([1, 1]);
  });

  test("says one line on the console, with the code", async () => {
    const to = stranger();
    await send([to], "Subject: Your code\r\n\r\nIt is 123456, for ten minutes.");
    expect(written.mock.calls.map(([line]) => line)).toContain(`mail to ${to}: Your code (code 123456)\n`);
  });

  test("shows what strangers wrote as text, on a page that runs nothing", async () => {
    await send([stranger()], "Subject: <script>alert(1)</script>\r\n\r\n<b>bold</b>");
    const page = await fetch(mailbox.url);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    const html = await page.text();
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(html).not.toContain("<b>bold");
  });

  test("keeps the newest thousand", async () => {
    const [old, to] = [stranger(), stranger()];
    await send([old], "Subject: old\r\n\r\nx");
    const hundred = Array.from({ length: 100 }, () => to);
    for (let round = 0; round < 10; round += 1) {
      await send(
        hundred.map((address, at) => address.replace("@", `+${at}@`)),
        "Subject: new\r\n\r\nx",
      );
    }
    expect(await mailsTo(old)).toEqual([]);
    expect(await (await fetch(`${mailbox.url}/api/mails`)).json()).toHaveLength(1000);
  });
});
