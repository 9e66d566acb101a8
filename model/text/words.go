package text

// Stop words of both languages, by which the language of a note is guessed and
// which no bucket counts.
var (
	dutchStops = set(
		`de het een en van in is dat die op te zijn met voor niet aan er om ook als dan maar bij uit door naar over tot nog wel geen heeft had hebben haar hem hij zij ze we wij ik je
		jij u mij mijn uw ons onze hun hen was waren wordt worden werd zou zal kan kunnen moet moeten mag wil deze dit daar hier waar wat wie hoe toen nu want omdat dus of zo tegen na sinds
		tijdens onder tussen zonder veel meer al weer steeds soms vaak altijd nooit iets niets alles alleen zich zelf eens net heel erg ben bent heb hebt gaat ging komt kwam er toch`)
	englishStops = set(
		`the a an and of to in is that it on for with as at by from was were be been are has have had not no but or if then they he she his her him their them we you i my our your me us
		this these those there here what which who when where how why because so about into over after before between during under without would could should will can may must do does did
		more most some any all also still very just only than too out up again always often never sometimes`)
)

// common are words with which a sentence in a note may begin, in lower case,
// besides the stop words. A capitalised first word that is not among them, nor
// among the words that the caller knows, is taken for a name.
var common = set(
	`zie bel gebeld gesproken intake teruggebeld verslag overdracht hulpvraag jongen betreft patiënt aanwezig afwezig gezinslid eet aanleiding aanmelding aantal achteraf afgelopen afspraak afspraken agressie al allebei alles ambulant anders angst angstig autisme avond baby begeleider begeleiding behandelaar
	behandeling beide bekend beloofd bespreking bespoken besproken bezoek bezorgd bijna binnen blij blijft boos broer broers broertje buiten buren buurt buurtteam buurvrouw collega consult contact
	contactmoment crisis daardoor daarna daarnaast daarom dagelijks daarbij dagbesteding dankzij depressie diagnose directeur dochter doel donderdag dossier dreiging drinkt drugs drukke dus echter
	eerder eerst eerste eigenlijk eindelijk elke emotioneel enige enkele ergens ernstig ernstige ervaringsdeskundige even gebeurt gebruik gebruikt geadviseerd gedrag geef geeft gehoord geld gelukkig
	geluid gemeld gemeente gepest gesprek gesprekken gesproken getuige geweld gezag gezien gezin gezinnen gezinsvoogd gezond gisteren goed goede graag groep groot grote grootmoeder grootouders grootvader
	haast heel helaas helder hierbij hierdoor hoewel hulp hulpverlener hulpverlening huilt huis huisarts huisbezoek huiselijk huisvesting huur huurachterstand iedere iedereen iemand indruk indien inmiddels inschatting
	inspanning intake intussen jeugdarts jeugdhulp jeugdverpleegkundige jongen jongere jongste juf kalm kind kinderen kinderopvang klacht klasgenoten kleine kleuter kleuterjuf komende krijgt
	laatst laatste langdurig langzaam leerkracht leerling leerlingen lichamelijk lichamelijke lijkt luistert maandag maar maatregel maatschappelijk mama man mantelzorger mede medewerker medicatie meester meerdere meestal
	meisje melding mensen mentor met mevrouw meneer middag mishandeling misschien moe moeder moeders moeilijk moet mogelijk momenteel morgen naast nadat namelijk namens natuurlijk nergens niemand
	nieuwe niets noch noodgedwongen normaal notitie observatie oma omdat onbekend onderwijs ondersteuning ondanks onduidelijk onlangs onrust ontkent onveilig onverwacht onvoldoende onze ook oom oorzaak opa opnieuw
	oppas opvallend opvang oud ouder ouders oudste overleg overdag overigens papa partner pedagogisch pleegmoeder pleegouders pleegvader plan politie positief praat praktisch probeert
	problemen psycholoog pubers recent regelmatig reactie relatie rust rustig ruzie ruzies samen samenvatting schaamte schaamt scheiding school schooluitval schoolmaatschappelijk schreeuwt schuld
	schulden sindsdien slaapt slaapproblemen slaat sociaal sommige soms speelt spanning spanningen spraak stabiel stagiair sterk stiefmoeder stiefvader stress straks taal taalachterstand tante team tegelijk telefonisch
	telefoontje tenslotte terwijl terugval thuis thuissituatie toen toename tot traject tweede tijd tijdens vader vaders vanaf vandaag vanmorgen vannacht vanmiddag vanochtend vanuit veel veilig veiligheid veiligheidsplan
	verder verdriet verdrietig vergeleken verhuizing verhuisd verklaring verpleegkundige verslag verslaving vertelt vertelde vertrouwen verwaarlozing verwacht verwijzing verwezen verzuim vervolg vervolgens
	vermoeden vier volgende volgens voldoende vooral vooralsnog voorlopig voorheen voortaan vorig vorige vraagt vriend vriendin vrijdag vroeger vrouw waarom waarschijnlijk wanneer warm wat week weinig weekend wekelijks
	wel wijkteam woede woensdag woning woont wonen zaterdag zegt zeker zelden zelfs zeer zelf ziek ziet zoals zodra zolang zondag zonder zoon zorg zorgen zorgelijk zorgmelding zus zusje zusjes zussen zwak
	zwanger advies basisschool bijzonderheden conclusie verzuimt ondervoed eten slapen bewoner bewoners cliënt client jeugdige jeugdigen gezinssituatie melder kindje peuter peuters broertjes haar hen
	drie twee vijf zes zeven acht negen tien geen er nu of om op te ja nee hallo toelichting opmerking acties actie afgesproken signalen signaal
	about above according action adult adults advice aggression agreed alcohol alone already although anger angry another anxiety anxious appointment arguments around asked assessment attendance attends aunt baby
	background based bedtime behaviour behavior besides bills both boy brother brothers bruise bruises bullied bullying called calm care carer carers caregiver caring case child children class classmates clear clothes colleague
	concern concerned concerns conclusion conflict conflicts contact counsellor cousin cries crying currently dad daily daughter debt debts denies depressed depression despite developmental discussed district
	doctor domestic drinking drug drugs during each earlier early eats either eventually every everybody everyone everything evening exhausted father fathers family families fear fearful feels few fights finally financial first following
	food foster friday friend friends further generally girl given good grandfather grandma grandmother grandpa grandparents group guardian had happy harm health hello help home homework hospital house housing
	however hunger hungry husband immediately income indeed informed initially inside intake it its job kept lately later learning lives living lonely looks loss lost man maybe medication meeting member mentions missed
	monday money morning mostly mother mothers moving mum neglect neighbour neighbours neighbor nervous neither next night nightmares nobody none normally note noted nothing nowadays nurse observation once one only other others
	our ours outside overall pain parent parents partner pays people perhaps physical physically plan plays please police poor possible possibly pregnant present previous previously problems professional progress pupil quiet
	rarely rather reason recent recently referral referred regarding regular relationship rent report reported reports rest result risk sad safe safety saturday saw says school score second seems seen separated several shame
	shared shouting shows siblings sick sick since sister sisters situation sleep sleeps sleeping slowly social somebody someone soon speaks speech staff stable stepfather stepmother stress stressed student summary sunday
	supervision support supported suspected talks teacher teachers team telephone tension tensions therapist therapy though three through throughout thursday tired today together told tomorrow trauma truancy tuesday
	two uncle unclear unemployed unfortunately unknown unsafe until updates upset usually violence visit visits volunteer wants weekly wednesday week weekend weeks well whenever whereas whether while whole
	wife within woman work worker working worried worries worry yesterday yet young younger youngest youth`)

// capitals are words that keep their capital within a sentence: the first words
// of what somebody says, and names of services and languages, which are nobody's.
var capitals = set(
	`i ik hij zij ze wij we het de een dit dat er geen niet nee ja u mijn he she they it the a no not yes my we this that there
	ggz ggd jgz cjg amk vt po vo so sbo vso bso mbo hbo ib rt asd adhd add ptss ptsd ots uhp pgb wmo avg smw poh gz bjz rvdk gi veilig thuis jeugdbescherming
	bsn nederlands nederlandse engelse arabisch turks pools duits dutch english turkish arabic polish german french
	wmo nl uk gp a&e hiv iq sdq aed`)

// linking are the small words within a Dutch or foreign name.
var linking = set(`van de der den het ten ter te in op 't t el al ben von zu da das di du del della la le les bin ibn bint d' dos san v v.d vd d y`)

// firm are those of them that before a capital are never a word of their own.
var firm = set(`den der ten ter von el ibn bin bint vd v.d`)

// titles announce a name, also one without a capital.
var titles = set(
	`mevrouw mevr mw meneer mijnheer dhr heer hr de-heer mej mejuffrouw juffrouw juf meester dokter dr drs ir ing prof mr mrs ms miss mister sir madam dame lord
	huisarts-dr sister-in-law`)

// naming announce a name too: "a girl called", "genaamd".
var naming = set(`genaamd geheten heet heette noemt named called name's naam bijnaam roepnaam alias achternaam voornaam surname nickname`)

// streets are how words end that name a street, where a house number follows.
var streets = []string{"straat", "weg", "laan", "plein", "gracht", "kade", "dijk", "hof", "steeg", "singel", "pad", "park", "plantsoen", "dreef", "markt", "ring",
	"baan", "wal", "burg", "oever", "street", "road", "lane", "avenue", "drive", "close", "terrace", "gardens", "str", "ln"}

// months as they stand in a date.
var months = set(`januari februari maart april mei juni juli augustus september oktober november december january february march may june july august october
	jan feb febr mrt mar apr jun jul aug sep sept okt oct nov dec`)

// small are words that two letters after four digits can be, so that it is no
// postcode; all others go.
var small = set(`no of en or is`)
