using Keyladder.PassphraseStore.Records;

namespace Keyladder.PassphraseStore.Mail;

/// <summary>Tells a person by mail that something was released or changed; after the answer, as a mail server may take its time.</summary>
internal sealed class Notices(DeferredWork deferred, Mails mails, RecordSealing sealing)
{
    public void Send(StoredRecord record, MailText text)
    {
        var username = sealing.OpenUsername(record);
        deferred.Add(later => mails.SendAsync(username, text, code: null, later));
    }
}
