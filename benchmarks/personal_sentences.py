"""The sentences that the English model of names and addresses is taught by: ours, with slots for Faker to fill."""

from __future__ import annotations

# Slots: {N} a name, {F} a first name, {L} a surname, {A} an address, {S} street and number, {P} a town or country,
# {O} a company, {T} a title, {W} a product or work, {D} a date, {#} a number. A line is one text; "|" is a new line.
WITH_NAMES = """
{N}|{J}|{O}|{A}
{N}|{O}|{A}|{#} office|{#} fax|{#} mobile
{N}, {J} at {O}
{J}: {N}
??? {N}|??? {O}|??? {S}|??? {P}|??? {P} {#}
{T} {N}||{A}
Bot: What's the name on the card? User: {N}
User: I am {F}. Agent: Hello {F}, how can I help?
{F} shouted at {F}: "Where have you been?"
{L} and {L} were careful engineers.
I'd like to take a taxi to {A}.
The first one is by {L}, the second one by {N}, and the rest by {O}.
The record by {N} sold a million copies. The one by {O} did not.
Have you ever been to a {N} show?
I went to a {N} lecture once.
Former minister {L} and ex-pilot {L} were there.
The ex-{O} manager {N} is back.
"That is good news," says {L}.
Some people call me {F}, others {L}.
Please return it to {F} and {A} if you find it.
Return to: {F}, {S}
{T} {L} is a {#} year old man who grew up in {P}.
{F} is a {#} year old nurse.
We'll meet {F} on Sunday. They're not answering. Don't call {F}.
She is in the garden, but {F} has to stay. Don't do it, {F}!
{N}||{A}
{N}||{S}|{P}|{#}
> {N}|> {O}|> {S}|> {P} {#}
- {N}|- {S}|- {P} {#}
* {N}|* {O}|* {N}
{O}|{N}|{A}
{N}|{A}|{#}-Office, {#}-Fax
{N}||{A}|Phone: {#}
Date: {D}|Name: {N}|Phone: {#}
When: {D}|Where: {P}|Who: {N}
A tribute to {N}, which did not impress me.
A tribute to {F} by {N} - sadly nobody noticed.
The {N} version is the first one that I heard.
The {L} novel is longer than the {L} film.
Unlike the {L} album, it has no singer.
They were reading from {N}'s book of poems.
They sang about trains, rivers and {N}'s garden.
{F} is from {O}
{F} had asked {F} for her address: {A}
Here is {F}'s address: {A}
As agreed, this is {N}'s address:||{A}
Why is {F} so quiet?
{F}, can I please see the manager?
Can I speak to your boss, {F}?
For my son's account we have to name {N} as guardian.
Please update the address of {N} to {A}
on my card it should say {T} {N} instead of {N}
Hello, this is {T} {N}. Is that you?
{F} is patient. {F} is a kind person. She is always there.
{F}: "How are you?"|{F}: "I'm {F}'s sister."
The big three are {N}, {L} and {O}.
{L}, {L} and {L} is a law firm in {P}.
{N} spent a year at {O} as the assistant to {N}, and then moved to {O} in {P}.
{N} listed the best songs for {W}.
Producer {N} told {O}: "We all liked the idea."
What you should know about {N}: he never paid.
{N} has a fever. {T} {L} was called at {#}.
hi {F} how are you doing today
yes {F} that is right
i met {N} and {N} in {P}
{N} bought {#} shares of {O}.
The play {W} stars {N} as the king.
Give my love to {F} and the kids.
Happy birthday {F}!
Is {F} home?
{F} and I
{N}
{N}, {D}
{L}, {F}
{L}, {F} ({D})
{F} wrote: see below.
On {D}, {N} wrote:
Hello, this is {N} from {P}. I ordered a lamp last week and it has not arrived.
Hi {F}, thank you for your message. Could you send me the invoice again?
Dear {T} {L}, your appointment has been moved to {D}.
Dear {N}, we have received your application for the position at {O}.
My name is {N} and I would like to change my password.
I am {N}, and my account is locked.
I'm {F}. Can somebody help me?
it's {F} here, call me back
Please transfer the money to {N} before Friday.
Could you add my husband {N} to the account?
My wife {F} and I moved to {P} two years ago.
My daughter {F} goes to school in {P}.
{F} and {F} are going to the cinema tonight with {N}.
{N} and {N} founded {O} in 1998.
{N}, {N} and {N} were elected to the board of {O}.
{L}, {L} and {L} wrote the paper.
According to {N}, chief executive of {O}, sales rose by {#} percent.
"We are very happy with the result," said {N}, a spokesman for {O}.
{T} {N} will see you now.
{T} {L} prescribed the tablets on {D}.
Patient {N} was admitted to the ward in {P}.
The patient, {T} {L}, complains of a headache.
The letter was signed by {N}.
Regards,|{N}
Kind regards,|{N}|{O}
Best,|{F}
Sincerely,|{T} {N}|{S}|{P}
Thanks!|{F} {L}
Name: {N}
Name: {N}|Phone: {#}
Name: {N}|Address: {A}
First name: {F}|Last name: {L}
Customer: {N}, order {#}
Contact person: {N} ({O})
Cardholder: {N}
To: {N}|From: {N}|Subject: meeting on {D}
Attendees: {N}, {N}, {N}
Was the parcel signed for by {F} or by somebody else?
Who is {N}?
What is {F}'s phone number?
{F}'s brother lives in {P}.
{N}'s latest film, {W}, opens on {D}.
{N}'s new album is far better than {W}.
The song was written by {N} and produced by {N}.
{W} is a novel by {N}.
A film directed by {N} and starring {N} and {L}.
I read about {N} in the newspaper yesterday.
I met {N} at a conference in {P}.
Yesterday {F} told me that {F} had left {O}.
Have you seen {F}? She should be in the office.
Ask {F} about it, he knows everything.
{F} is very friendly and {F} is always late.
{F} said hello.
{F}: are you coming? | {F}: yes, give me five minutes
{N} was born in {P} on {D}.
She was born {N} in {P}; her mother's maiden name is {L}.
He is survived by his wife {F} and two sons, {F} and {F}.
The goal was scored by {L} in the {#}th minute after a pass by {N}.
{L} beat {L} in the final.
President {L} met Prime Minister {L} in {P} on {D}.
Professor {N} of the University of {P} disagrees.
Judge {L} dismissed the case against {N}.
Sergeant {L} reported the theft.
Captain {N} was in command.
Send a copy to {F} {L} in accounting.
I would like to speak to {N}, please.
You were served today by {F}.
The account belongs to {N}.
Is this the number of {N}?
Please make the cheque out to {N}.
This is a message for {N}: your car is ready.
I, {N}, hereby confirm that I received the goods.
Beneficiary {N}, IBAN unknown.
Reported by {N} on {D}.
Created by {F} {L}, approved by {N}.
@{F} could you have a look at this?
cc {F} and {F}
The winner is {N} from {P}!
Miss {L} teaches mathematics in {P}.
We interviewed {N}, who works for {O} as an engineer.
{N} (born {D}) is a painter from {P}.
{N} has been working at {O} since {D}.
{N} works for {O}.
{F} works at {O} and {F} at {O}.
{N} joined {O} as a director.
The estate of {N} was sold to {O}.
{N} lives at {A}.
{F} gave me this address: {A}
{N}|{A}
{N}|{S}|{P}
{O}|{A}
Deliver to: {N}, {A}
Ship it to {N}, {A}, please.
The property at {A} belongs to {N}.
Just like {N}, {F} likes {P} very much.
You can reach {F} at {#}.
Only {F} knew, and {L} never found out.
"{F}," she said, "come here."
Oh {F}, don't do that!
Come on {F}!
Thank you, {F}.
No {F}, I did not get it.
what about {F}?
i talked to {N} about it yesterday
did {F} call you
In my opinion {N} is the best of them, although {N} comes close.
Written by {L} and {L} ({#}).
Guitar by {N}, drums by {N}, bass by {N}.
A question for {N} and her colleagues at {O}: why?
Nobody but {N} has the key.
"""
WITH_ADDRESSES = """
I live at {A}.
I live on {S} in {P}.
My new address is {A}.
please change my address to {A}
Please send the replacement to {A}.
Our office is at {S}, {P}.
Address: {A}
Address: {S}|{P}
Shipping address:|{A}
Billing address: {A}
The shop at {S} has closed.
We moved from {A} to {A} last month.
Where is {S}?
The parcel went to {A} instead of {A}.
The meeting takes place at {A} on {D}.
How do I get to {S} from the station?
Pick it up at {S}, {P}, between 9 and 5.
An accident happened on {S} near the bank.
A fire broke out at {A} this morning.
{A}
{S}
{S}, {P}
{O}, {A}
Visit us: {O}, {S}, {P}
You will find {O} at {A}.
The letter went to {A} by mistake.
Is there a branch near {S}?
at {A}, second floor
deliver to {A} after {D}
from: {A} | to: {A}
{T} {L}|{A}
"""
WITHOUT = """
I like {B} rather than {B}.
Do you take {B} or {B}?
Do I get to choose between {B} and {B}?
I'd rather get a {B} than a {B}.
Can I pay by {B}? can i pay with {B}
{B} does not work on my {B}.
My card was swallowed by an {B}. Are there any {B} machines near me?
What are some reasons that would cause {B} machines to decline my card?
I need a new {B}, how do I go about that?
Is there a fee for {B} transfers? can i do a transfer with {B}
I withdrew {#} pounds and was only given {#}. Why?
I just tried withdrawing {#} dollars at an {B}.
What is this €{#} fee in my statement? I paid ${#} for {#} of them.
Do I need to choose {B} to get my salary?
I changed {B} to {B} and the rate was wrong.
We are open at Christmas and Easter. {B} is closed.
Weird charges are appearing. Strange things happen. Several people complained. Please advise.
I've come back from {P} and {P} and have many pending payments.
i've tried everything, i'm stuck, i'd like help, it isn't fair
Is {B} supported? How do I connect {B} to {B}?
Log in with {B}, then open the {B} tab and press OK.
Our {B} team uses {B}, {B} and {B}.
Bot: How can I help? User: I lost my card. Agent: One moment.
The Princess and the King arrived at {P} this morning. The Queen stayed in {P}.
God gave us music. Rock and Roll Hall of Fame. Battery, Thunder and Lightning are songs.
{O} invested in new products. {O}|{A}
{J} wanted at {O} in {P}. {J}s earn more in {P}.
{P} is moving in that direction. {P} {#}
{O} is a 501(c)3 that invites people from around the world to {P} to share ideas.
We'll meet on Sunday at {O}, {A}
Don't go there. They're closed. We'll see. I've been there. You'd better not. It's fine.
Unfortunately, the salad was cold. However, the soup was hot. Finally, the bill came.
Wisdom and Discipline are virtues. God knows. Heaven can wait. Love is all.
They're not answering at {#}. We'll meet on Sunday at {O}. I haven't heard from {O}.
card {#} is lost, please send a new one
It is about obsolescence, murder, greed and workers who never slept.
It won the seventh gold record. The band {W} played a great mandolin solo.
Rock and roll is dead. Heaven and hell. A piece of pop music about love.
The idea was born on the beach while they were building a website.
I'm moving out of the country. I'm originally from {P}.
My website is {W}. What's your email? What is your phone number?
My social security number is {#}. His passport is {#}.
So where are we meeting? There is a nice new place downtown. Cool!
{O} is the first company to sell a million. {O} Ratings Agency
During the nineties, {O} invested in new processors.
I read it in Entertainment Weekly and in The Daily Mail.
The song was about raising families, school runs and taxes.
The clubs of the city where the band first played are gone.
The car manufacturers dominate the economy of {P}.
City of {P}, State of {P}, Kingdom of {P}
I want to cancel my subscription, renew my membership and book a flight.
what about the money? when will it arrive? who can help me with this?
could you please block my card and send a new one
my kids love swimming, reading and riding horses
Hobbits, dragons, wizards and other creatures are singing.
I am from {P} but I live in {P} now.
We flew from {P} to {P} on {D}.
Do you ship to {P}?
{P} is a beautiful country.
{P} has beaten {P} in the semi-final.
The weather in {P} is terrible today.
The capital of {P} was attacked in {#}.
I used to work for {O}.
{O} is a company from {P}.
{O} announced its results on {D}.
{O} and {O} will merge next year.
I bought shares of {O} and {O}.
Is {O} still open on Sunday?
The headquarters of {O} are in {P}.
The product {W} by {O} is out of stock.
Have you watched {W}?
{W} is the best game of the year.
I ordered {W} and got {W} instead.
My order number is {#} and it is late.
My card {#} was declined.
I lost my card {#} yesterday, please block it.
Please call {#} for more information.
It is due on {D}.
How do I reset my password?
Where can I see my balance?
Why was I charged twice for the same thing?
The transfer of {#} dollars has not arrived.
My phone was stolen and I need to freeze my account.
Can I use Apple Pay or Google Pay with this card?
Does the Visa card work in Europe?
Black Friday is over. Happy New Year!
See you on Monday or Tuesday.
In January and February the shop is closed.
The Internet is slow today. Windows does not start.
English, French and German are spoken here.
The President of the United States gave a speech.
The Second World War ended in 1945.
I need it As Soon As Possible.
Terms and Conditions apply. See the Privacy Policy.
Department of Health and Social Care
Chief Executive Officer
Senior Software Engineer wanted in {P}
THE SHOP IS CLOSED. DO NOT ENTER.
Step {#}: Open Settings and choose Security.
Error {#}: File Not Found
Name: unknown
Address: not given
Nobody was hurt. Everybody went home.
Mom and Dad are at home. Grandma is fine.
Sir, could you help me? Madam is waiting.
Doctor, it hurts here.
Will you come? May I ask why? Mark my words.
Grace period and interest rates: what is the difference?
A rose is a flower. Joy and hope for everyone.
The bill is too high. Jack up the car. Rob a bank. Sue them.
Version {#} adds Support for Dark Mode.
Ingredients: Sugar, Salt, Butter, Flour.
He is a Muslim, she is a Catholic and they are Canadians.
The Amazon is a river. Mercury is a planet.
Order {#}, table {#}, room {#}.
Chapter {#} Introduction
Total: {#} USD, Tax: {#}
What's your name? Where do you live?
Can you tell me where the nearest cash machine is?
The answer is no. Never mind. Of course not. Yes please.
Great product, fast delivery, would buy again!
Terrible. The worst song on the list. Not worth your time.
A great album, but the second half is boring.
This band was formed in {P} in {#}.
One of the most expensive cities in the world is {P}.
The match between {P} and {P} was cancelled.
Founded in {#}, {O} makes software for hospitals.
{O} is the brainchild of three students.
{O} provides data about houses, cars and weather.
{O}, a non-profit from {P}, won the prize.
I work as a nurse. She is a teacher, he a plumber.
Customer service of {O} does not answer.
"""
TITLES = "Mr. Mrs. Ms. Dr. Mr Mrs Ms Dr Miss Prof. Professor Sir Madam".split()
WORKS = (
    "The Long Road|Blue Night|Galaxy S24|iPhone 15 Pro|Windows 11|ThinkPad X1|Lost in Time|Silent River|Dark Matter|"
    "MacBook Air|Kindle|Red Moon|The Last Dance|Summer Rain|PlayStation 5|Model Y|Golden Hour|City of Glass|"
    "Stairway to Heaven|Nutella|Coca-Cola|Harry Potter|Star Wars|Super Mario|Johnnie Walker|Jack Daniel's"
).split("|")
# Everyday names that are nobody's.
BRANDS = (
    "Visa|Mastercard|MasterCard|American Express|Amex|ATM|PIN|Pin|GBP|USD|EUR|PayPal|Apple Pay|Google Pay|SEPA|SWIFT|"
    "IBAN|BIC|CVV|KYC|Amazon|eBay|Netflix|Uber|Facebook|Twitter|Instagram|YouTube|Android|iOS|iPhone|Windows|Mac|"
    "Chrome|Safari|Firefox|Zoom|Slack|Excel|Word|Outlook|WhatsApp|Wi-Fi|Bluetooth|GPS|USB|HDMI|TV|PC|VAT|FAQ|HR|IT|"
    "Python|Java|Linux|Docker|GitHub|Google|Microsoft|Apple|Samsung|Sony|Nike|Adidas|Ikea|Toyota|Ford|Tesla|BMW|"
    "Starbucks|Walmart|Tesco|DHL|FedEx|UPS|Royal Mail|NHS|IRS|FBI|EU|UN|UK|USA|Ruble|Euro|Dollar|Pound|Bitcoin|Revolut"
).split("|")
COMPANY_ENDS = "Inc|Inc.|LLC|Ltd|Ltd.|GmbH|Corp.|Group|Bank|Systems|Software|Labs|Partners|Holdings|Media|Health".split(
    "|"
)
COMPANY_WORDS = (
    "Data|Cloud|Solar|Green|Smart|Open|Blue|Bright|Global|Urban|Civic|Health|Market|Credit|Energy|Home|Link|Logic|"
    "Map|Net|Nova|Point|Quant|Source|Trend|Vision|Wise|Zoom|Air|Care|Farm|Geo|Info|Job|Legal|Metro|Path|Retro|Sky"
).split("|")
