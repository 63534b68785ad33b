/**
 * The most common passwords of eight characters and more, as leaks have shown them for years: the ones a guesser tries
 * first. In lower case; what only differs in case counts as the same.
 */
const common = new Set(
  `12345678 123456789 1234567890 12345678910 1234567891 123456789a a123456789 123456789q q123456789 1234567a a1234567
  01234567 012345678 0123456789 0987654321 987654321 9876543210 87654321 98765432 123123123 12312312 123321123 123454321
  1234554321 12344321 1234321a 11223344 1122334455 112233445566 111222333 111222333444 12121212 123412345 12341234 1234512345
  123123qwe 123qwe123 123qweasd 123qweasdzxc 1234qwer 1234qwerasdf 12345qwert 12345qwer 123456qwerty 1234567q 12345678a
  12345678q 123456abc 123456aa 123456ab 123456as 123456qw 123456zx 1234abcd 1234asdf 123abc123 12qwaszx 12qw34er 147258369
  147852369 147896325 14789632 1478963 159357456 159753456 159753258 192837465 1029384756 101010101 10203040 102030405060
  100200300 20202020 21212121 23232323 246813579 25802580 31415926 314159265 321654987 3216549870 36987412 369258147
  4815162342 51505150 65432100 69696969 741852963 7418529630 789456123 7894561230 789456123a 852456852 963852741 951753852
  95175382 13131313 13579246 135792468 1357924680 14141414 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qaz1qaz
  1qaz2wsx 1qaz2wsx3edc 1qaz2wsx3edc4rfv 1qazxsw2 1qazxsw23edc 2wsx3edc 2wsxzaq1 3edc4rfv 4rfv5tgb 0o9i8u7y zaq12wsx
  zaq1xsw2 zaq1zaq1 zag12wsx xsw21qaz q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 q1q1q1q1 1g2w3e4r qaz123wsx qaz12345 qazwsx12
  qazwsx123 qazwsxedc qazwsxedcrfv qazxswedc qweasdzxc qweasd123 qwe123qwe qwe12345 qweqweqwe qwer1234 qwer12345 qwerasdf
  qwerasdfzxcv qwert123 qwert1234 qwert12345 qwerty01 qwerty11 qwerty12 qwerty21 qwerty22 qwerty77 qwerty99 qwerty123
  qwerty1234 qwerty12345 qwerty123456 qwerty321 qwertyui qwertyuio qwertyuiop qwertyuiop123 qwertyqwerty qwerty123! qwerty1!
  gwerty123 azertyui azertyuiop azerty123 asdf1234 asdf12345 asdfasdf asdfghjk asdfghjkl asdfghjkl123 asdfjkl; asdqwe123
  asd12345 asd123asd asd123456 asdasdasd asdasd123 zxcvbnm1 zxcvbnm123 zxcvbnmz zxcv1234 zxc123456 zxcasdqwe zxcasdqwe123
  zzzzxxxx mnbvcxz1 poiuytrewq poiuytre lkjhgfdsa lkjhgfds abcd1234 abcd12345 abcd123456 abcdefgh abcdefghi abcdefghij
  abcdefg1 abcdef12 abcdef123 abcdabcd abc12345 abc123456 abc123abc abc123123 a1b2c3d4 a1b2c3d4e5 a1s2d3f4 a1s2d3f4g5
  aa123456 aa12345678 aa112233 aaa11111 aaa12345 ab123456 as123456 asd123qwe qq123456 qqww1122 zz123456 zx123456 xx123456
  ww123456 ss123456 admin123 admin1234 admin12345 admin123456 admin@123 adminadmin administrator administrateur root1234
  rootroot toor1234 user1234 user12345 useruser guest123 guestguest test1234 test12345 test123456 testtest testtest1
  testing1 testing123 tester123 demo1234 default1 changeme changeme1 changeme123 letmein1 letmein2 letmein123 letmein!
  welcome1 welcome12 welcome123 welcome1234 welcome! welcome1! secret12 secret123 secret1234 temp1234 temporary temppass
  password password! password. password0 password00 password01 password1 password10 password11 password12 password123
  password1234 password12345 password123! password1! password2 password3 password4 password5 password6 password7 password8
  password9 password99 password69 passwort passwort1 passw0rd passw0rd1 passw0rd! p@ssw0rd p@ssw0rd1 p@ssword p@ssword1
  pa55word pa55w0rd pa$$word pa$$w0rd pass1234 pass12345 pass123456 passpass password@1 password@123 pass@123 pass@word1
  p@ss1234 mypassword mypass123 newpassword newpass1 nopassword thepassword drowssap wachtwoord motdepasse contrasena
  contraseña senha123 parola123 parolparol iloveyou iloveyou1 iloveyou2 iloveyou! iloveyou123 iloveyou12 iloveu123 iloveme1
  iloveme2 ilovegod ilovejesus ilovemom ilovehim ilovesex loveyou1 loveyou2 lovelove loveme123 lovers123 lover123 mylove123
  princess princess1 princess12 princess123 sunshine sunshine1 sunshine123 football football1 football12 football123
  baseball baseball1 baseball123 basketball basketball1 softball softball1 volleyball superman superman1 superman123
  batman123 spiderman spiderman1 starwars starwars1 startrek stargate starcraft warcraft minecraft minecraft1 pokemon1
  pokemon123 naruto123 nintendo playstation xboxxbox computer computer1 computer123 internet internet1 samsung1 samsung123
  microsoft facebook facebook1 google123 myspace1 linkedin youtube1 whatever whatever1 trustno1 dragon12 dragon123 dragonball
  monkey12 monkey123 shadow12 shadow123 master12 master123 killer12 killer123 hunter12 hunter123 ranger12 tigger12 buster12
  michael1 michael123 michelle michelle1 jennifer jennifer1 jessica1 jessica123 jonathan jonathan1 jordan23 jordan123
  charlie1 charlie123 ashley12 ashley123 matthew1 anthony1 anthony123 alexander alexander1 alexandra andrew123 daniel123
  danielle danielle1 elizabeth elizabeth1 benjamin benjamin1 christian christian1 christina christine christopher nicholas
  nicholas1 samantha samantha1 stephanie stephanie1 victoria victoria1 veronica veronika vladimir valentina valentin
  svetlana ekaterina aleksandr aleksandra anastasia anastasiya natalia1 kristina kristina1 katerina margarita dmitriy1
  gabriela gabriel1 fernando alejandro alejandra carolina caroline patricia patrick1 rebecca1 kimberly isabella francisco
  franklin frederic theodore timothy1 marseille barcelona liverpool liverpool1 liverpool123 chelsea1 chelsea123 arsenal1
  arsenal123 manchester juventus realmadrid steelers steelers1 cowboys1 yankees1 lakers24 redskins patriots packers1
  eagles12 broncos1 raiders1 dolphins panthers wildcats bulldogs tarheels longhorn hellokitty hello123 hello1234 hello12345
  hellohello helloworld goodluck goodbye1 blessed1 blessing jesus123 jesuschrist jesusislord christ123 faithful heavenly
  freedom1 freedom123 forever1 forever21 friends1 friendship family123 happy123 happyday happiness beautiful beautiful1
  butterfly butterfly1 babygirl babygirl1 babyboy1 babydoll blink182 brooklyn california carolina1 chocolate chocolate1
  cheese123 chicken1 chicken123 cookie123 coffee123 creative crystal1 darkness darkside dearbook december november october1
  september february diamond1 diamonds dolphin1 einstein elephant explorer falcon12 fantasy1 ferrari1 flower123 flowers1
  garfield gateway1 godzilla gangster gangsta1 guitar123 hallo123 hardcore harley123 harrypotter hotmail1 jackass1 jackson1
  jasmine1 jackson5 kittycat ladybug1 lasvegas lollipop lollipop1 london123 mercedes metallica metallica1 midnight midnight1
  mountain mustang1 nirvana1 newyork1 nothing1 november1 orange123 pakistan pakistan1 paradise passport peaches1 peanut12
  pepper12 platinum playboy1 popcorn1 precious pumpkin1 purple12 purple123 rainbow1 rockstar rockstar1 rocknroll rush2112
  russia123 scooter1 scorpion security security1 serenity sexylady slipknot slipknot1 snickers snowball snowboard snowman1
  soccer12 soccer123 something southside spitfire squirrel strawberry student1 success1 summer12 summer123 summer2020
  summer2021 summer2022 summer2023 summer2024 summer2025 sweetheart sweetpea swimming swordfish target123 tequila1 thailand
  thomas123 thunder1 tinkerbell titanic1 travel123 trinity1 universe undertaker unicorn1 vanessa1 warrior1 westside
  winter12 winter123 winter2020 winter2021 winter2022 winter2023 winter2024 winter2025 wolverine woaini1314 woaini520
  5201314a 1314520a 7758521a 11111111a aaaaaaa1 a1111111 q1111111 asshole1 fuckyou1 fuckyou2 fuckyou! fuckoff1 fuckfuck
  bullshit pussycat qwerty666 qwerty777 qwerty007 1234567890q 1234567890a 123456789s 123456789z 123456789m 123456789v
  123456789k 123456qq 12345qaz 12345zxc 12345asd 123qwerty 123asd123 1qwerty1 1password 1234pass 1234test 1111aaaa 1111qqqq
  0000aaaa 11112222 11221122 11235813 12131415 123654789 123698745 123789456 12332112 123789123 12345654321 1234567654321
  1a2b3c4d 1a2s3d4f 1a2b3c4d5e 1z2x3c4v 2000200 20012001 20002000 19851985 19861986 19871987 19881988 19891989 19901990
  19911991 19921992 19931993 19941994 19951995 01012000 01011990 01011980 01011991 01011985 01012010 01012011 02021990
  10101010 12121990 31121990 qweqwe123 qwaszx12 йцукенгш йцукенгшщз йцукенгшщзх йцукен123 йцукен12 фывапролд фывапролдж
  ячсмитьб ячсмитьбю пароль123 пароль12 парольпароль привет123 приветпривет любовь123 наташа123 марина123 люблютебя солнышко
  gfhjkm123 gfhjkmgfhjkm ghbdtn123 ghbdtnghbdtn ghbdtnbr fktrcfylh fyfcnfcbz cjkysirj cjkywt123 yfnfif123 vfhbyf123
  rhbcnbyf dbrnjhbz trfnthbyf cdtnkfyf yfcntymrf ljvbybrf parol123 parol12345 privet123 privet12 lubov123 natasha1
  solnishko marina123 nikita123 sergey123 andrey123 maksim123 spartak1 zenit1925 spartak1922`.split(/\s+/),
);

const oneCharacter = /^(.)\1*$/su;

/** Whether a guesser would try it among the first. */
export function isCommonPassword(password: string): boolean {
  return oneCharacter.test(password) || common.has(password.toLowerCase());
}
