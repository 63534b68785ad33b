/** Every number that bounds what a client may do or what an object keeps, with its unit and why. */
export const limits = {
  // Text
  refLength: 64, // echoed in every answer, so short
  epochLength: 64,
  contentCodePoints: 4_000, // a message
  nameCodePoints: 64, // a user's name
  bioCodePoints: 500,
  titleCodePoints: 128,
  descriptionCodePoints: 1_000,
  mentions: 50,
  emojiUnits: 64, // UTF-16 code units of one emoji: the longest sequences of Unicode have half as many
  editMs: 48 * 60 * 60_000, // what was said is corrected so long, not rewritten for ever

  // Frames
  batchFrames: 256, // frames in one array frame, both ways
  batchBytes: 256 * 1024,
  frameCloseBytes: 1024 * 1024, // beyond: 1009. WS_MAX_MESSAGE_SIZE refuses earlier
  bodyBytes: 256 * 1024, // a REST body: the largest (a batch of members) is far below

  firstFrameMs: 10_000, // a socket that has not signed in by then is closed
  firstFrames: 10, // of a socket that has not signed in, those in arrays counted; and as many may wait for its object
  firstFrameBytes: 8 * 1024, // a token is far shorter
  firstFrameFailures: 5,

  // A conversation
  members: 1_000, // one object holds them all in memory
  invites: 100, // of a group, that can still be used
  rebuiltInvites: 1_000, // of a rebuilt group: all that can still be used, and the newest of the others
  inviteTokenBytes: 16, // 128 bits cannot be guessed
  inviteTokenLength: 64,
  reactionsPerMessage: 2_000, // history tells who made each: a page of such messages is 8 MB
  emojisPerMessage: 20, // different ones: what stands under a message must fit under it
  pins: 100, // of a conversation: a list somebody looks through
  joinsPerUser: 30, // tries to join in joinWindowMs
  joinWindowMs: 60_000,
  deletedMs: 30 * 24 * 60 * 60_000, // the owner can restore a deleted conversation for so long; then it is erased
  erasedPerRun: 200, // conversations that one run of the scheduled handler erases
  socketsPerUser: 20,
  turnCommands: 256, // commands committed together
  tailEvents: 512, // the newest stored events, in memory for the fan-out
  keptEvents: 10_000, // replayable events behind the head
  pruneSlack: 1_000, // prune when this many are beyond, so that pruning is rare
  resetBehind: 2_000, // a client further back reloads instead
  replayPage: 500, // events in one answer to subscribe and sync
  replayBytes: 4 * 1024 * 1024, // and at most so many, so that one answer never fills the memory of the object
  watermarksShown: 100, // a larger group's `subscribed` shows one's own only
  onlineShown: 100,
  receiptsAtOnce: 100, // so that a thousand who read at once do not hold up a message
  receiptsMs: 250, // receipts are collected so long, and told together: the newest of each member and kind

  // Slow readers: what is sent waits in memory without a bound
  behindEvents: 500, // live events that a socket which acknowledges may have before it, unacknowledged
  behindBytes: 1024 * 1024, // and their bytes
  unheardBytes: 8 * 1024 * 1024, // sent to a socket that says nothing at all
  compareEvents: 50, // each socket is compared with these when so much more was sent: it may exceed them by as much
  compareBytes: 128 * 1024,

  // Media
  fileNameLength: 255, // what file systems hold
  mediaPerMessage: 10,
  uploadMs: 60 * 60_000, // a ticket: 100 MiB over a slow line
  linkMs: 5 * 60_000, // a signed address to download from
  sniffBytes: 64 * 1024, // of an upload, to see what it is and how large an image
  unclaimedMs: 24 * 60 * 60_000, // an upload nobody has used by then is taken away
  usesAsked: 8, // conversations that are asked whether they still show a file: the newest of those a user is in
  sweepSoonMs: 2_000, // the bytes of a deleted message: after its drain
  mediaPerSweep: 60, // that a conversation takes away in one go
  mediaPerRun: 2_000, // that one run of the scheduled handler takes away: three questions each, and a run has 10,000

  // Floods
  refusedFrames: 2_000, // of a socket, for their rate, in refusedMs; beyond: 4429. What is refused costs an answer each
  refusedMs: 60_000,
  asksOut: 1_000, // calls of a user's object to conversations that are not answered: each holds some 40 kB

  // Archive
  drainEvents: 500, // events of one round trip to Postgres
  drainMembers: 500, // and changed members
  drainBytes: 2 * 1024 * 1024,
  drainSoonMs: 400, // collects a batch, and is still soon for a list
  netMs: 10_000, // a crash delays what was due at once by so much, where nobody has a socket open
  failedJobMs: 30_000,
  fannedSoonMs: 2_000, // the fan-out's cursor is stored with a drain; alone it may wait
  pruneSoonMs: 5_000,
  pruneMost: 2_000, // events of one slice
  drainWaitMs: 2_000, // a structural change waits so long for its drain, then answers all the same
  backoffFirstMs: 500,
  backoffMostMs: 30_000,
  rebuildRows: 10_000, // id rows loaded before a rebuilt object serves
  forgetEvents: 200, // messages of a deleted account that one turn erases
  forgetScan: 1_000, // and events that it looks at: what is blanked in one turn holds up a message
  eraseMessages: 5_000, // messages that one statement takes out of Postgres for good
  databaseTimeoutMs: 10_000, // a round trip that takes longer counts as lost
  redisTimeoutMs: 2_000, // a question that takes longer counts as lost
  redisRetryMs: 50,
  blobTimeoutMs: 10_000, // a question to S3, and how long an upload through us may stand still
  blobCopyTimeoutMs: 30_000, // S3 reads and writes all of it meanwhile
  blobsListed: 1_000, // keys of one page: the most S3 gives
  readyMs: 1_000, // how often an isolate looks at its backends for /ready, which is open
  readyWaitMs: 20,
  unavailableRetryMs: 2_000, // what a client is told when a backend is away

  // Fan-out
  deliverFrames: 256, // frames of one call to a user's object
  deliverBytes: 512 * 1024,
  fanCalls: 128, // calls under way: what they carry (`deliverBytes` each) must fit in an object's memory
  fanAtOnce: 16, // calls begun in one go: a few ms, which is what they hold up a message
  fanOthersEvery: 4, // one of so many calls is for who is not known to have a user socket, while others wait who have
  fanSlowMs: 1_000, // a call that takes longer no longer counts as under way
  leaseMs: 60_000, // how long an answer "has no socket there" is believed
  directMs: 120_000, // how long a conversation's word of direct sockets counts
  retellMs: 60_000, // and how often it is said again
  endedSessionMs: 30 * 60_000, // the life of an access token

  // A user's object
  tellMs: 5_000, // a conversation told of a session or a presence that takes longer counts as away
  places: 1_000, // messages whose conversation a user's object remembers, for commands that leave it out
  placesAskedAtOnce: 16, // conversations asked whether they have such a message
  waitingUnits: 256 * 1024, // of frames (UTF-16 units) that wait while it is looked up; beyond: 4429
  presenceAsked: 100, // people one socket watches
  watched: 2_000, // people all sockets of a user watch together; beyond, they are not told for longer than watchMs
  watchers: 1_000, // of one user, as many as a group has members; beyond, the one who said so longest ago is not told
  watchMs: 60 * 60_000, // how long one who watches is believed to; who does not any more says so when told
  rewatchMs: 30 * 60_000, // how often it is said again; and with it, who may see whom is looked up
  rewatchRetryMs: 60_000, // where somebody's object or Postgres was away
  partedMs: 3_000, // the same after people have parted: Postgres has heard of it by then (drainWaitMs)
  seenEveryMs: 5 * 60_000, // how far back a crash may set when somebody was seen last
  flapMs: 2_000, // somebody who is back by then was never away
  lookMs: 2_000, // somebody's object that takes longer to say whether they are there counts as away
  presenceCallsAtOnce: 16, // users' objects asked, or told
  endedSlice: 100, // ended sessions told to Redis in one call
  jobCalls: 50, // conversations told of an account in one run
  jobCallsAtOnce: 6,
  jobCallMs: 15_000, // one that takes longer counts as away; longer than its own round trip to Postgres
  callRestMs: 60 * 60_000, // one that fails every time is called so seldom in the end
  jobRestMs: 5 * 60_000, // and a job that cannot go on, as without Postgres, tried
  jobTroubles: 10, // failures in a row after which the log has an error of each
  factsWaitMs: 1_000, // a change of a name or a setting waits so long for the conversations to know it
  jobSoonMs: 20,
  ownEventMs: 1_000, // an answer on a user socket waits so long for the event of its command
  heldFrames: 1_000, // delivered frames that may wait behind an answer that is out; beyond, the client sees a gap
  followed: 280, // conversations one socket hears typing and receipts of: an attachment holds 16 KiB, presenceAsked included
  unarchivedMs: 60_000, // how long lists ask the object of a conversation heard of that is not on the archive's first page
  unarchivedPageMs: 5_000, // and on its later pages: the usual drain takes half a second
  markedMs: 60_000, // how long lists ask the object of a conversation where the user has changed where they stand
  recent: 1_000, // conversations whose head a user's object remembers for lists

  // Search
  alikeLeast: 0.3, // word similarity (pg_trgm) from which on a title or a name is a match: two letters swapped in five have 0.33
  snippetLength: 160, // UTF-16 units of a message that was found
  snippetBefore: 40, // of them before the first word that was asked for
  searchLeastS: 3_600, // seconds: a conversation is taken to have lasted so long, or what is said at once in a new one would pass for its pace
  searchMostS: 3e9, // seconds, a century: as far back as there is anything, and no time that Postgres does not know
  searchGlance: 1_000, // messages that are looked at first, the newest
  searchSample: 1_000, // messages the index is asked for first; with fewer, these are all
  searchSlack: 1.2, // how many more are read than should fill the page
  searchLookups: 2, // messages that are read, one after the other, in the time of one that the index says
  searchRead: 20_000, // messages that are read at most
  searchSlice: 30_000, // of one slice of time: people do not speak evenly

  // Accounts
  emailLength: 254, // RFC 5321, 4.5.3.1.3 less the brackets
  passwordLeastCodePoints: 8,
  passwordCodePoints: 128,
  codeDigits: 6,
  resetCodeDigits: 8, // it opens an account without the password
  codeTries: 5, // a challenge, however often the code was sent again
  codeResends: 5,
  codeResendAfterMs: 60_000,
  challengeMs: 10 * 60_000,
  mailsPerMailbox: 10, // in mailWindowMs; beyond, the answer is the same and no mail leaves
  mailWindowMs: 60 * 60_000,
  movesPerUser: 10, // codes to move to another address, in mailWindowMs; beyond, 429
  deletionCodesPerUser: 10, // the same for codes to delete the account
  mailFailuresMs: 24 * 60 * 60_000, // how long a failure shows where no letter is sent after it
  mailAfterMs: 25, // so that the work of sending does not hold up the answer, which would tell that there is a letter
  mailTries: 3, // all of them within the 30 s the platform gives to what follows an answer
  mailTryMs: 8_000,
  mailRetryMs: 1_000,
  addressWindowMs: 60_000, // of AUTH_RATE_LIMIT_PER_ADDRESS
  localBuckets: 10_000, // of an isolate's own throttles, where Redis is away; the newest
  accountWindowMs: 15 * 60_000, // of AUTH_RATE_LIMIT_PER_ACCOUNT
  accessTokenMs: 30 * 60_000,
  refreshTokenMs: 30 * 24 * 60 * 60_000,
  sessionsPerUser: 100, // the one used longest ago gives way
  sessionsForgotten: 100, // of those that are over, whenever one is opened
  freshSessionMs: 15 * 60_000, // who has no password chooses the first one so soon after signing in
  refreshGraceMs: 10_000, // the token just replaced still gives its successor: a lost answer, two tabs
  sessionKnownMs: 30_000, // how long an isolate believes that a session has not ended
  sessionsKnown: 10_000, // and of how many sessions
  endingRepeats: 3, // of a telling that sessions have ended, after the answer: 3 s of the 30 s the platform gives
  deviceLength: 256,
  searchLength: 128,
  resetsPerAccount: 3, // challenges in resetWindowMs; beyond, the answer is the same and no mail leaves
  resetWindowMs: 60 * 60_000,
  wrongResetCodes: 20, // of a mailbox over all its challenges in wrongCodesWindowMs; beyond, none is right and no mail leaves
  wrongCodes: 50, // the same for each other thing a code is for: so many guesses find one of 20,000
  wrongCodesWindowMs: 24 * 60 * 60_000,
  trustedDevices: 20, // the one used longest ago gives way
  deviceTrustMs: 180 * 24 * 60 * 60_000, // since its last use
  blocksPerUser: 1_000,
  profileMs: 5 * 60_000, // a cached profile
  profileChangedMs: 15_000, // nobody may cache what they read before a change; longer than a round trip to Postgres
  googleFlowMs: 10 * 60_000, // from leaving for Google to coming back
  googleFlows: 8, // of one browser at once: tabs that left for Google; the oldest gives way
  googleCodeMs: 60_000, // from coming back to the exchange for tokens
  googleKnownMs: 60 * 60_000, // Google's addresses and keys
  googleTimeoutMs: 5_000, // a question to Google
  googleParameterLength: 2_048, // of what comes back from Google; its codes are shorter

  // Push
  pushDevices: 20, // of a user; the one registered longest ago gives way
  pushSoonMs: 1_000, // messages of a moment are one notification; and who reads it at once needs none
  pushAgainMs: 5_000, // the same while the last one stands unread: what it says is replaced, not hammered
  pushConversations: 20, // of one run
  pushCallsAtOnce: 6, // as many connections may wait at once
  pushLookedAt: 100, // unread messages among which the newest that one is notified of is looked for: a muted one's mentions
  pushTextCodePoints: 200, // what a device shows of a message
  pushCounted: 1_000, // unread messages of one conversation that count for the icon: it says 999+ at most
  pushTtlMs: 24 * 60 * 60_000, // a device that is away for longer is not notified late
  pushRestMs: 5 * 60_000, // the longest wait between two tries, beside what FCM asks for
  pushKeptMs: 60 * 60_000, // what could not be pushed by then is no news any more
  pushTokenLength: 4_096, // FCM's have some 160, a web browser's subscription more
  pushTimeoutMs: 10_000, // a question to FCM, or for the token it wants
  pushAccessSlackMs: 5 * 60_000, // an access token lives an hour and is renewed so long before its end
  pushAccessWaitMs: 20, // between looks whether another's renewal is done
  pushRetryMs: 10_000, // the least FCM asks for after a 5xx that does not say
  pushQuotaRetryMs: 60_000, // and after a 429
  pushFailuresMs: 60 * 60_000, // how long a failure shows where nothing is pushed after it
  pushClearMs: 60_000, // how often an isolate says that pushes arrive: each is one word to Redis

  // REST
  lastTimeMs: 253_402_300_799_999, // the end of year 9999: what is later has no RFC 3339 form
  pageDefault: 50,
  pageMost: 100,
} as const;
