"""What we know of mail domains: which are half of the world's, and which are made to be thrown away."""

from disposable_email_domains import blocklist

# Providers with so many mailboxes that a rush from one of them says nothing. Aliases that forward to a real mailbox
# (Firefox Relay, DuckDuckGo, Apple) are people who protect themselves.
BIG_MAIL_DOMAINS = frozenset(
    """
    gmail.com googlemail.com outlook.com outlook.fr outlook.de outlook.es outlook.it outlook.jp outlook.com.br hotmail.com
    hotmail.fr hotmail.de hotmail.es hotmail.it hotmail.co.uk hotmail.ca hotmail.be hotmail.nl live.com live.fr live.de
    live.it live.nl live.be live.ca live.co.uk live.com.au msn.com yahoo.com yahoo.fr yahoo.de yahoo.es yahoo.it
    yahoo.co.uk yahoo.ca yahoo.in yahoo.co.in yahoo.co.jp yahoo.com.br yahoo.com.ar yahoo.com.mx yahoo.com.au yahoo.co.id
    yahoo.com.ph yahoo.com.vn ymail.com rocketmail.com icloud.com me.com mac.com aol.com proton.me protonmail.com pm.me
    tuta.com tuta.io tutanota.com fastmail.com fastmail.fm zoho.com zohomail.com hey.com mail.com email.com gmx.com gmx.net
    gmx.de gmx.at gmx.ch gmx.fr web.de t-online.de freenet.de arcor.de posteo.de mailbox.org riseup.net disroot.org
    orange.fr wanadoo.fr free.fr sfr.fr neuf.fr laposte.net bbox.fr numericable.fr skynet.be telenet.be proximus.be
    bluewin.ch hispeed.ch ziggo.nl kpnmail.nl kpnplanet.nl xs4all.nl planet.nl libero.it virgilio.it tiscali.it alice.it
    tim.it telefonica.net sapo.pt wp.pl o2.pl onet.pl interia.pl op.pl seznam.cz centrum.cz abv.bg ukr.net mail.ru
    bk.ru list.ru inbox.ru yandex.ru yandex.com ya.ru rambler.ru btinternet.com sky.com virginmedia.com ntlworld.com
    talktalk.net eircom.net telia.com online.no comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net
    charter.net earthlink.net optonline.net shaw.ca rogers.com sympatico.ca videotron.ca telus.net bell.net bigpond.com
    bigpond.net.au optusnet.com.au xtra.co.nz uol.com.br bol.com.br terra.com.br ig.com.br globo.com rediffmail.com qq.com
    foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com aliyun.com 139.com 189.cn naver.com daum.net hanmail.net
    kakao.com nate.com docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp i.softbank.jp nifty.com ocn.ne.jp walla.co.il
    duck.com mozmail.com privaterelay.appleid.com simplelogin.com simplelogin.io passmail.net anonaddy.com addy.io
    """.split()  # noqa: SIM905 # a list of 200 quoted words is no easier to read
)
_DISPOSABLE = frozenset(blocklist)


def is_disposable(domain: str) -> bool:
    """This function will tell whether a mail domain (lower case, ASCII), or one that it belongs to, is thrown away."""
    labels = domain.split(".")
    return any(".".join(labels[at:]) in _DISPOSABLE for at in range(len(labels) - 1))
