package text

import "strings"

// set makes a set of the words of a text.
func set(words ...string) map[string]bool {
	s := map[string]bool{}
	for _, text := range words {
		for _, w := range strings.Fields(text) {
			s[w] = true
		}
	}
	return s
}

// Names that many people in the Netherlands have, as everybody knows them, in
// lower case. A name that is missing here is still taken out where it has a
// capital; the lists catch those written without one.
var firstNames = set(
	// girls and women
	`aaliyah aafke aagje aaltje ada adriana agnes aisha aicha aleida alexandra alice alida alina alisha amber amina amira amy ana anastasia andrea angela angelique
	anika anita anja anke ankie anna annabel anne anneke annelies annemarie annemiek annet annette annie annika anouk antje antoinette antonia
	aria ariana arlette asma astrid aukje aya aylin ayse babette barbara beatrix bente bep berber bernadette betsy betty bianca birgit bo brenda britt brigitte
	carla carlijn carmen carolien carolina caroline cato catharina cecilia celine chantal charlotte chloe christa christel christina christine cindy claire claudia
	coby conny cora corina cornelia corrie corine daisy danielle daniela daphne dana debbie deborah demi denise desiree diana diede dilara dina dineke dominique
	doortje dorien doris dunya ebru ecrin eefje elena elif eline elisa elisabeth elise eliza elke ella ellen elly els elsa elsbeth elske emilia emily emine emma emmy
	ema erica erika esma esmee esmeralda esther eva evelien eveline evi evie fabienne fadma fatiha fatima fatma faye febe feline femke fenna fenne fien fiene fleur
	floor floortje florence francien francine francis francisca frederique freya froukje fransje gabriella geertje geertruida gerda gerdien germaine gerrie gina gisela
	gonnie greet greetje grietje hafida hafsa halima hanna hannah hanneke hannie hatice hedwig heidi heleen helen helena helga henny henriette herma hermien hetty
	hilde hilda hillie hindra houda ikram ilham ilona ilse imane imke ina ineke inez inge ingeborg ingrid irene iris irma isa isabel isabella isabelle isis ivana ivy
	jacoba jacqueline jaimy jana janet janine janneke jannie janny jantje jasmijn jasmin jeanette jeanine jelena jenneke jennifer jenny jessica jessie jet jette jip
	joan joanna joke jolanda jolande jolien jolijn josephine josje joyce judith julia juliana julie juliette juna karen karima karin karlijn kate katja katrien
	kaylee khadija kiki kim kimberly klaasje kristel lana lara laura lauren leila lena lenie leonie leonoor leontien lette leyla lia liana lianne lidewij lieke lien lies
	liesbeth lieve lina linda linde lisa lisanne lisette liv livia liz liza lizzy loes lois lola lonneke lore lot lotte louisa louise lucia lucie lucy luna lydia lynn
	maaike maartje machteld madelief magda mandy manon maren margaretha margo margot margreet margriet maria marian marianne marieke mariam marie mariella marijke
	marika marilou marina marion mariska marit marja marjan marjo marjolein marjolijn marleen marlies marloes marlou martha martine mary maryam marwa mathilde maud
	maya meagan megan melanie melike melissa meral merel merve merlijn meryem mette mia michelle mieke miep mies mila milou mina minke mira miranda mirjam mirre mirte
	mirthe moira mona monica monique myra myrthe nadia nadine najat naomi natalie natasja natascha nathalie nel nele nelleke nicole nicolette nienke nika nikki nina
	noa noelle noor noortje nora norah nova nour noura nuria nynke odette olga olivia oumaima pamela patricia paula paulien pauline petra phileine pien pip pleun
	puck quinty rabia rachel rachida rana ranya rebecca regina renate renee rhodé ria rianne riekje rina rita roelien romee romy roos roosje rosa rosalie rosanne rosemarie
	rowan ruth saar saartje sabine sabrina sahar salma samantha samira samya sandra sanne sannah sara sarah saskia selena selin selma senna serena shanaya shanti sharon
	sheila shirley sien sigrid silke silvia simone siri sita sjoukje sofia sofie sonja sonia sophia sophie stefanie stella stephanie sterre suus suzan suzanne suze
	sylvana sylvia sylvie tamar tamara tanja tara tatiana teska tess tessa thea theodora thera theresia thirza tiffany tilly tine tineke titia toos tooske trees
	trijntje trudy truus ursula valerie vanessa veerle vera veronica veronique vivian vivianne wendy wilhelmina willemijn willemien willy wilma wies xena yara yasmin
	yasmina yasmine yfke yildiz ymke yolanda yvette yvonne zahra zeynep zina zoe zoey zohra zoya zsofia zuzanna`,
	// boys and men
	`aad aart abdel abdelkader abdul abdullah abel abraham achmed ad adam adil adnan adri adriaan adrian ahmed ahmet ahmad aiden albert alberto alex alexander alfred ali
	allard alwin amin amir anas andré andre andreas andries andrew anouar anthony anton antoon antonie anwar ard arend arie arjan arjen arnold arnoud arno arthur ashraf
	axel ayman ayoub aziz bakr bart bartel bas bastiaan bart-jan bauke ben benjamin berend bernard bernd bert berry bilal bjorn bob bobby boaz boris bouke boudewijn
	bram brahim brian bruno bryan burak can carel carlo carlos casper cas cees cem charles chiel chris christiaan christian christopher claas coen coenraad colin cor
	cornelis corne daan damian damiaan damien dani daniel danny dave david davy dean dennis derk dick diederik dirk dion dirk-jan diyar djay dominic don driss duco dylan
	ebbe edward edwin eelco eelke efe egbert eli elias elijah eltjo emiel emil emir emre enes enzo eric erik ernst erwin eugene evan evert ewoud faas fabian faisal faris
	fedde felix ferdinand ferry filip finn floris foppe fons fouad frank franklin frans fred frederik freek frits fritz furkan gabriel geert gerard gerben gerrit
	gert gert-jan gijs gijsbert gilles giovanni glenn godfried guido gustaaf guus guy haci hamid hamza han hans harm harmen haroun harold harrie harry hasan hassan
	hein heinrich hendrik hendrikus henk henri henry herbert herman hessel hicham hidde hubert hugo huib huseyin huub ian ibrahim idris ids ijsbrand ilias ilyas imad
	imran isaac ismael ismail ivan ivo izaak jaap jacco jack jacob jacobus jakob jamal james jamie jan jan-willem janis jannes jari jarno jason jasper jay jayden jean
	jeffrey jelle jelmer jens jeremy jeroen jesper jesse jim jimmy job jochem jochum joe joep joel joeri joey johan johannes john johnny jon jonah jonas jonathan joost
	jop jordan jordi jordy joren joris jorn jorrit joseph joshua josse jouke jos jozef julian julien jules junior jurgen jurre jurriaan justin kai karel karim kars
	kasper kay kees keimpe kemal kenan kenneth kenzo kerem kevin khalid kian klaas koen koenraad koert koos kuba kyan lambert lammert lars lasse laurens leendert
	lennard lennart leo leon leonard leroy levi lex liam lieuwe loek lodewijk lorenzo lou louis lowie luc luca lucas ludo luka lukas luke luuk maarten maas mahmoud manuel
	marc marcel marcin marco marcus marijn marinus mario marius mark marnix marten martijn martin marvin mats matteo matthew matthias matthijs maurice maurits max
	maxim mees mehdi mehmet meindert melle melvin menno merijn merlin mert micha michael michel michiel miguel mike milan milo mo mohamed mohammad mohammed mohammad moes
	morris mostafa moussa muhammad muhammed mukhtar murat mustafa nabil naoufal nathan nathaniel neil nick nicolaas nicolas niek niels nigel nils noah noud nout oguz
	okan olaf oliver olivier omar onno onur oscar osman otis otto owen ozan pablo pascal patrick paul pedro pelle pepijn peter philip philippe pier piet pieter pieter-jan
	pim piotr pjotr quincy quinten rachid raf rafael ralf ralph ramon raoul ravi rayan raymond reda reinder reinier rein remco remy rené rene reza rian ricardo richard
	rick ricky rico rik rinus riza rob robbert robbie robert robin rocco rodney roel roeland roelof rogier roger roland rolf ron ronald ronnie rover roy ruben rudi rudolf
	rudy rutger ruud ryan said salih sam sami samir sammy samuel sander sean sebastiaan sebastian sebas sem semih senn serkan servaas shane siem siebe siebren sietse
	sil silvan silvester simon sinan sjaak sjef sjoerd sjors soufiane stan stef stefan steffen stephan steven stijn suleyman sven sybren syb tarik taco ted teun teunis
	theo theodoor thijmen thijs thimo thom thomas tiago tibor ties tijl tijmen tijn tim timo timon timothy titus tjeerd tobias toine tom tommy ton tonnie toon tristan
	twan tycho tygo ugur ulrich umut valentijn victor vince vincent vinnie volkert vito walter wesley wessel wiebe wiebren wijnand wilbert wilco willem william wim
	wolter wouter wout xander xavi xavier yahya yannick yassin yassine yasin youri youssef yunus yusuf yvo zakaria zeb zeger ziggy`,
)

// English first names that are common in notes about families from abroad.
var englishNames = set(
	`abigail aaron amelia ava bethany callum chelsea connor courtney declan dorothy edith ellie emilie ethan gareth gemma george georgia graham hazel heather holly
	imogen isla jade jacob janice jasmine jodie joanne jordan karl kayla keira kelly kieran kirsty kyle leah lewis logan lorraine louis maisie mason matilda mohammed
	molly natasha nigel oliver owen paige phoebe poppy rhys rosie ruby scarlett shannon sienna stuart tracey tyler vicky zack`)

// Surnames; those that are also ordinary words stand in alsoWords.
var surnames = set(
	`aalbers aarts abdi akkerman alberts alkemade appelman arends assen autar aydin baars bakhuis bakkers balk barends bart bartels beek beekman beeks
	beemsterboer benali bennink berends berendsen berkhout bernards beukers bijl bijlsma blaauw blankers blokland boerema boersma boeve bogaard bogaards bogaert
	boonstra boogaard boogaerts bosch bosma bosman bosmans bouali boukhari bouman boumans bouwman bouwmeester braam brandsma breukelman brinkman broekhuizen
	broers brouwers bruggink bruijn bruijns brugman buijs buitenhuis bulut buurman casteleijn çelik celik cetin chaouch clement coenen coppens cornelissen cuijpers
	dalen damen daniels dekkers demir derks derksen dijk dijkhuizen dijkman dijkstra dirks dirksen doornbos dorst douma driessen dros duijn dulk ebbers eerden egberts
	eggink eijk elbers elzinga engelen engels erdogan evers faber fokkema franken franssen frederiks geerts gerards gerrits gerritsen gielen groenendijk
	groeneveld groenewegen groenewoud groot-bruinderink haan hakim hamelink hamming hanssen harmsen hassani haverkamp heemskerk heerema hendriks hendriksen hendrix
	hermans hermsen heuvel hidalgo hiemstra hoekstra hoeks hoekman hoeven hofman hofstede hofstra holtkamp holwerda hoogendoorn hoogeveen hoogland horst houben
	houtman huisman hulst huizinga ijzerman jaarsma jacobs jacobsen jager jansen jansens janssen janssens jansma jelsma jongbloed jonker jonkers joosten jurgens kamphuis kaya
	keijzer kemper kerkhof keizer kleijn kloosterman kloppenburg knol koenen koning konings koopman koopmans kooijman kooistra korteweg kraaijeveld kramer kroes
	kruijt kuijpers kuiper kuipers kurt kuypers lamers lambrechts leenders leeuwen lemmens leusink linders lubbers luijten maas maassen martens mast meeuwissen meijer
	meijers meulenbelt meyer michels moerman molenaar mol mulder muller müller mulders nijhof nijland nijhuis noordam noordhoek oomen oosterhuis oosterom oostveen
	oudshoorn ozdemir öztürk ozturk pauw peeters peters petersen pieters pieterse pietersen postma pronk prins prinsen ramdin reijnders reinders reitsma rietveld rijken
	rijnders roelofs roosendaal rooijakkers rutten ruiter sahin şahin sanders schaap scheffer schepers schipper scholte scholten schouten schreuder schreurs schrijver schuurman
	schut simons singh slagter smeets smink smits smulders snel snijders spaans spijkers steenbergen stevens sterk stoffels swart teunissen terpstra theunissen thijssen tichelaar
	timmer timmermans tuinstra tuin veenstra veldhuis veldman verbeek verberne verburg verhagen verhoeven verkerk vermeer vermeulen versteeg verschoor verweij visscher
	visser vissers vlug vogel vonk vos vries vrolijk vroom wagenaar walstra weijers welling westra wiersma wijnen wilken willems willemse willemsen wolters wouters wolf
	yilmaz yıldırım yildirim zandstra ziegler zijlstra zuidema zwaan zwart
	smith johnson brown taylor williams davies evans thompson robinson wright walker hughes edwards roberts jackson clarke patel turner harrison morris o'brien o'connor murphy
	kelly campbell anderson mitchell nguyen wang kowalski nowak popescu ivanov khan ahmed hussein mohammadi haddad`,
)

// alsoWords are names that stand in lower case for something else: they are
// taken out where they have a capital or follow a title or another name.
var alsoWords = set(
	`bakker bakkers balk beek berg bloem boer boom bos brand brouwer bruin buurman dekker dorst groen groot hof hoek horst huisman jager jong kok koning kool kramer klein
	koster kroon lange mast meer molenaar mol mulder pauw post prins ruiter schaap schipper slager smid smit snel spaans sterk timmer timmermans tuin vis visser
	vogel vonk vos vlug vrolijk vroom wit wolf zwaan zwart heuvel dijk dalen dam hulst kerkhof keizer hoeven schut schrijver stoffels engels franken dros ad amber aria art bas
	bo bob broers elke frans harm can daisy dan dean don els fleur floor frank grace guy hazel heather holly hope ids iris ivy jack jade jasmijn jet jip job joy juna juul koos la lange lena lies linde
	lot loes lou luc luna maas madelief mark may max mees merel mike mira moes molly nel noor nova pip puck raf ray rein rob robin rod roos ruby ruud said saar sem senna sil
	sterre tarik ties tine toon tooske trees will wil wout walker brown wright turner taylor evers peters stevens george georgia karma logan mason page poppy rosie
	prince ria rover eva ian pascal rita sander arend hope hero tim tom van rik jan ben beer moor dirks sien pien lien sita young`,
)

// nouns are those of them, and such nouns besides, that in a sentence have an
// article where they are no name: also without a capital they are taken out
// where none goes before them. Adjectives, verbs, places, and what has no number
// (groot, bos, post) cannot be told so and are not among them;
// nor are the seasons, and words that are common in the other language (beer, lies).
var nouns = set(
	`bakker balk berg bloem boer boom brouwer dekker hof huisman jager kok koning kramer koster mast molenaar mol mulder pauw prins ruiter schaap schipper slager smid smit
	visser vogel vos wolf zwaan heuvel dijk keizer schrijver stoffels engel merel linde lijster mus valk havik arend haas haan hert leeuw tijger vlinder lelie viooltje roos anemoon bes kers
	ster parel ridder graaf hertog bisschop visscher kuiper timmerman snijder wever schoenmaker metselaar
	bas daisy dean els fleur floor frans guy heather holly iris ivy jade jasmijn jet jip juul lena lot loes lou luc luna madelief mees mike mira molly nel noor nova pip puck raf rein
	rob robin rosie ruud ruby poppy george georgia logan mason sander pascal eva ian rita rik sterre toon tooske trees saar sem senna sil sien pien lien sita timmer timmermans dirks peters stevens evers
	turner taylor wright walker jan tim tom rik`)

// determiners stand before a noun that is no name.
var determiners = set(`de een 'n die deze dit het mijn jouw zijn haar hun ons onze uw geen elke iedere ieder welke als tot per op in
	the a an this that my your his her its our their no every each some any as`)

// finite are English verbs that follow a name and never another verb.
var finite = set(`said told came went felt saw did had and who`)
