/** Whether the mail server takes mail: it is greeted and logged in to, by TLS, and handed nothing. */
import { rootCertificates } from "node:tls";
import { reach } from "../../components/builds/programs/smtp.ts";
import { implicitTlsPort } from "../../components/kinds/notifications.ts";
import type { Check, Examined, Finding } from "./finding.ts";
import { bad, good, unchecked } from "./finding.ts";
import { notGiven } from "./given.ts";

/** Seconds. */
const patience = 8;

export const mail: Check = async ({ settings, given }) => {
  if (settings.mail === undefined) return [];
  const { username } = settings.mail;
  const isLoginKnown = username === undefined || given.mail !== undefined;
  const server = await serverFinding(settings.mail, settings.network.ca, given.mail);
  return [server, ...(isLoginKnown ? [] : [notGiven("mail")])];
};

async function serverFinding(
  { host, port, username }: NonNullable<Examined["settings"]["mail"]>,
  authority: string | undefined,
  password: string | undefined,
): Promise<Finding> {
  const login = username === undefined || password === undefined ? undefined : { user: username, password };
  const { reason, isServers } = await reach({
    ...{ host, port, login, seconds: patience, isImplicit: port === implicitTlsPort },
    ...(authority === undefined ? {} : { authorities: [...rootCertificates, authority] }),
  });
  const at = `${host}:${port.toString()}`;
  if (reason === "")
    return good("mail", `${at} greets by TLS${login === undefined ? "" : ` and knows ${login.user}`}`);
  if (isServers) return bad("mail", `${at} takes no mail (${reason})`, fixOf(reason));
  const fix = "ask it from where the cluster is: not every network lets mail out";
  return unchecked("mail", `${at} gives no answer from here (${reason})`, fix);
}

function fixOf(reason: string): string {
  return reason.includes("certificate")
    ? "name its authority in `network.ca`, or the host as its certificate does"
    : "correct `mail` and `secrets.mail`";
}
